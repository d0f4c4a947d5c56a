package io.swoole.server.group;

import java.util.AbstractCollection;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;

import io.swoole.server.Internal;
import org.jspecify.annotations.Nullable;

/**
 * Connections in an array, which is gone through much quicker than a hash table with its
 * entries all over the memory. A connection keeps its place until it leaves; then the
 * place is free for another one. May be used from any thread: whoever goes through the
 * connections while others come and go misses none that stays. One that leaves and enters
 * again meanwhile may be met twice.
 *
 * @param <C> the type of the connections
 */
@Internal
public final class Members<C> extends AbstractCollection<C> {

	private volatile AtomicReferenceArray<@Nullable C> places = new AtomicReferenceArray<>(1);

	/** How many places have ever been taken; raised after they have been. */
	private volatile int end;

	private volatile int size;

	/**
	 * The free places before the end: as many as {@link #end} and {@link #size} differ.
	 */
	private int[] free = {};

	/**
	 * Adds a connection, which is not looked for.
	 * @param connection the connection
	 * @return its place
	 */
	public synchronized int enter(C connection) {
		int gaps = this.end - this.size;
		int place = (gaps > 0) ? this.free[gaps - 1] : this.end;
		if (place == this.places.length()) {
			grow();
		}
		this.places.set(place, connection);
		this.size++;
		if (gaps == 0) {
			this.end = place + 1;
		}
		return place;
	}

	private void grow() {
		AtomicReferenceArray<@Nullable C> larger = new AtomicReferenceArray<>(2 * this.end);
		for (int i = 0; i < this.end; i++) {
			larger.setPlain(i, this.places.getPlain(i));
		}
		this.places = larger;
	}

	/**
	 * Removes a connection.
	 * @param place its place
	 */
	public synchronized void leave(int place) {
		int gaps = this.end - this.size;
		if (gaps == this.free.length) {
			this.free = Arrays.copyOf(this.free, Math.max(4, 2 * gaps));
		}
		this.free[gaps] = place;
		this.places.set(place, null);
		this.size--;
	}

	@Override
	public int size() {
		return this.size;
	}

	@Override
	public void forEach(Consumer<? super C> action) {
		int count = this.end;
		AtomicReferenceArray<@Nullable C> all = this.places;
		for (int i = 0; i < count; i++) {
			C connection = all.get(i);
			if (connection != null) {
				action.accept(connection);
			}
		}
	}

	@Override
	public Iterator<C> iterator() {
		return new Present<>(this.end, this.places);
	}

	/**
	 * Leaves out the places that are free.
	 */
	private static final class Present<C> implements Iterator<C> {

		private final int end;

		private final AtomicReferenceArray<@Nullable C> places;

		private int place;

		private @Nullable C next;

		Present(int end, AtomicReferenceArray<@Nullable C> places) {
			this.end = end;
			this.places = places;
			advance();
		}

		private void advance() {
			this.next = null;
			while (this.next == null && this.place < this.end) {
				this.next = this.places.get(this.place++);
			}
		}

		@Override
		public boolean hasNext() {
			return this.next != null;
		}

		@Override
		public C next() {
			C result = this.next;
			if (result == null) {
				throw new NoSuchElementException();
			}
			advance();
			return result;
		}

	}

}
