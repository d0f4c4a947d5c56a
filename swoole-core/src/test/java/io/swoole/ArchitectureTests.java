package io.swoole;

import java.util.Set;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.GeneralCodingRules;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Rules about the structure of the main code of this module.
 */
class ArchitectureTests {

	/**
	 * The packages which applications use. Together they are one part of the structure,
	 * each of their sub-packages is another.
	 */
	private static final Set<String> API_PACKAGES = Set.of("io.swoole.server", "io.swoole.task");

	/**
	 * The one class by which the API reaches the engine.
	 */
	private static final String FACTORY = "io.swoole.server.SwooleServers";

	private static JavaClasses classes;

	@BeforeAll
	static void importClasses() {
		classes = new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests())
			.importPackages("io.swoole");
	}

	@Test
	void whenClassIsInCoreThenDoesNotDependOnSpring() {
		noClasses().should().dependOnClassesThat().resideInAPackage("org.springframework..").check(classes);
	}

	@Test
	void whenPackageHasClassesThenIsNullMarked() {
		assertThat(classes.stream().map(JavaClass::getPackage).distinct()).isNotEmpty()
			.filteredOn((javaPackage) -> !javaPackage.isAnnotatedWith(NullMarked.class))
			.extracting(JavaPackage::getName)
			.isEmpty();
	}

	@Test
	void whenPackagesDependOnEachOtherThenHaveNoCycles() {
		SlicesRuleDefinition.slices()
			.assignedFrom(new ApiAndPackages())
			.should()
			.beFreeOfCycles()
			.ignoreDependency(HasName.Predicates.name(FACTORY), DescribedPredicate.alwaysTrue())
			.check(classes);
	}

	@Test
	void whenApiClassIsNotTheFactoryThenDoesNotDependOnEngine() {
		noClasses().that()
			.resideInAnyPackage(API_PACKAGES.toArray(String[]::new))
			.and()
			.doNotHaveFullyQualifiedName(FACTORY)
			.should()
			.dependOnClassesThat()
			.resideInAnyPackage("io.swoole.server.*..", "io.swoole.task.*..")
			.check(classes);
	}

	@Test
	void whenFieldIsStaticThenIsFinal() {
		fields().that().areStatic().should().beFinal().allowEmptyShould(true).check(classes);
	}

	@Test
	void whenCodeIsInMainThenDoesNotUseStandardStreams() {
		GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(classes);
	}

	private static final class ApiAndPackages implements SliceAssignment {

		@Override
		public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
			String name = javaClass.getPackageName();
			return SliceIdentifier.of(API_PACKAGES.contains(name) ? "api" : name);
		}

		@Override
		public String getDescription() {
			return "the API and every other package";
		}

	}

}
