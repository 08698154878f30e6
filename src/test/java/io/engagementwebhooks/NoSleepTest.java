package io.engagementwebhooks;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.Test;

/** Tests wait for what happens. Only the programs in {@code bench} sleep, between what they measure. */
class NoSleepTest {

    private static final ArchRule NO_SLEEP = noClasses().should().callMethodWhere(target(name("sleep")));
    private static final String BENCH = "io/engagementwebhooks/bench/";

    private final ClassFileImporter tests =
            new ClassFileImporter().withImportOption(new ImportOption.OnlyIncludeTests());

    @Test
    void no_test_sleeps() {
        NO_SLEEP.check(
                tests.withImportOption(location -> !location.contains(BENCH)).importPackages("io.engagementwebhooks"));
    }

    @Test
    void one_that_sleeps_would_be_found() {
        assertThrows(AssertionError.class, () -> NO_SLEEP.check(tests.importPackages("io.engagementwebhooks.bench")));
    }
}
