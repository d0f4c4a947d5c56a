package io.swoole.spring;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import io.swoole.server.Internal;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfiguration;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Rules about the structure of the main code of this module.
 */
class ArchitectureTests {

	private static final String MODULE = "io.swoole.spring";

	/**
	 * The classes of this module and, as the rules look at what they mark as internal,
	 * those of the core.
	 */
	private static JavaClasses allClasses;

	private static JavaClasses moduleClasses;

	@BeforeAll
	static void importClasses() {
		allClasses = new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests())
			.importPackages("io.swoole");
		moduleClasses = allClasses.that(JavaClass.Predicates.resideInAPackage(MODULE + ".."));
	}

	@Test
	void whenPackageHasClassesThenIsNullMarked() {
		assertThat(moduleClasses.stream().map(JavaClass::getPackage).distinct()).isNotEmpty()
			.filteredOn((javaPackage) -> !javaPackage.isAnnotatedWith(NullMarked.class))
			.extracting(JavaPackage::getName)
			.isEmpty();
	}

	@Test
	void whenPackagesDependOnEachOtherThenHaveNoCycles() {
		SlicesRuleDefinition.slices().assignedFrom(new Packages()).should().beFreeOfCycles().check(moduleClasses);
	}

	@Test
	void whenClassIsInThisModuleThenDoesNotDependOnInternalTypes() {
		noClasses().should().dependOnClassesThat(new InternalType()).check(moduleClasses);
	}

	@Test
	void whenClassIsInThisModuleThenDoesNotAccessInternalMembers() {
		noClasses().should().accessTargetWhere(new InternalMember()).check(moduleClasses);
	}

	@Test
	void whenClassIsInThisModuleThenDoesNotDependOnEngine() {
		noClasses().should()
			.dependOnClassesThat()
			.resideInAnyPackage("io.swoole.server.*..", "io.swoole.task.*..")
			.check(moduleClasses);
	}

	@Test
	void whenClassIsAutoConfigurationThenIsFinal() {
		classes().that()
			.areAnnotatedWith(AutoConfiguration.class)
			.should()
			.haveModifier(JavaModifier.FINAL)
			.allowEmptyShould(true)
			.check(moduleClasses);
	}

	private static final class InternalType extends DescribedPredicate<JavaClass> {

		InternalType() {
			super("are internal to the core");
		}

		@Override
		public boolean test(JavaClass javaClass) {
			return javaClass.isAnnotatedWith(Internal.class)
					|| javaClass.getEnclosingClass().filter(this::test).isPresent();
		}

	}

	private static final class InternalMember extends DescribedPredicate<JavaAccess<?>> {

		InternalMember() {
			super("the target is internal to the core");
		}

		@Override
		public boolean test(JavaAccess<?> access) {
			return access.getTarget()
				.resolveMember()
				.filter((member) -> member.isAnnotatedWith(Internal.class))
				.isPresent();
		}

	}

	private static final class Packages implements SliceAssignment {

		@Override
		public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
			return SliceIdentifier.of(javaClass.getPackageName());
		}

		@Override
		public String getDescription() {
			return "every package";
		}

	}

}
