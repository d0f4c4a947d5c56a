package io.swoole.benchmarks;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.properties.CanBeAnnotated;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.swoole.server.Internal;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

/**
 * Whole-server comparisons and their kin use the core as applications do. Micro
 * benchmarks of parts of the engine stand in packages of the same names and may use
 * those.
 */
class ArchitectureTests {

	private static JavaClasses classes;

	@BeforeAll
	static void importClasses() {
		classes = new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests())
			.importPackages("io.swoole");
	}

	@Test
	void whenClassIsInBenchmarksThenDoesNotDependOnEngine() {
		noClasses().that()
			.resideInAPackage("io.swoole.benchmarks..")
			.should()
			.dependOnClassesThat()
			.resideInAnyPackage("io.swoole.server.*..", "io.swoole.task.*..")
			.check(classes);
	}

	@Test
	void whenClassIsInBenchmarksThenDoesNotUseWhatIsInternal() {
		noClasses().that()
			.resideInAPackage("io.swoole.benchmarks..")
			.should()
			.dependOnClassesThat()
			.areAnnotatedWith(Internal.class)
			.orShould()
			.accessTargetWhere(JavaAccess.Predicates.target(CanBeAnnotated.Predicates.annotatedWith(Internal.class)))
			.check(classes);
	}

}
