package io.swoole.sample;

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
 * The sample shows what applications may use.
 */
class ArchitectureTests {

	private static JavaClasses classes;

	@BeforeAll
	static void importClasses() {
		classes = new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests())
			.importPackages("io.swoole");
	}

	@Test
	void whenClassIsInSampleThenDoesNotDependOnEngine() {
		noClasses().that()
			.resideInAPackage("io.swoole.sample..")
			.should()
			.dependOnClassesThat()
			.resideInAnyPackage("io.swoole.server.*..", "io.swoole.task.*..")
			.check(classes);
	}

	@Test
	void whenClassIsInSampleThenDoesNotUseWhatIsInternal() {
		noClasses().that()
			.resideInAPackage("io.swoole.sample..")
			.should()
			.dependOnClassesThat()
			.areAnnotatedWith(Internal.class)
			.orShould()
			.accessTargetWhere(JavaAccess.Predicates.target(CanBeAnnotated.Predicates.annotatedWith(Internal.class)))
			.check(classes);
	}

}
