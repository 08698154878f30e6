package io.engagementwebhooks;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import io.engagementwebhooks.testkit.Pause;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests wait for what happens. Only the programs in {@code bench} sleep, between what they measure, and {@link Pause}. */
class NoSleepTest {

    /** {@code waitForTimeout} is Playwright's. */
    private static final Set<String> SLEEPS = Set.of("sleep", "parkNanos", "parkUntil", "waitForTimeout");

    private static final ArchRule NO_SLEEP =
            noClasses().should().accessTargetWhere(describe("it sleeps", NoSleepTest::sleeps));
    private static final DescribedPredicate<JavaClass> BENCH = resideInAPackage("io.engagementwebhooks.bench..");

    private static final JavaClasses TESTS = new ClassFileImporter()
            .withImportOption(new ImportOption.OnlyIncludeTests())
            .importPackages("io.engagementwebhooks");

    private static boolean sleeps(JavaAccess<?> access) {
        return SLEEPS.contains(access.getTarget().getName());
    }

    @Test
    void no_test_sleeps() {
        NO_SLEEP.check(TESTS.that(not(BENCH.or(equivalentTo(Pause.class)).or(equivalentTo(Sleeper.class)))));
    }

    @Test
    void one_that_sleeps_would_be_found() {
        assertThrows(AssertionError.class, () -> NO_SLEEP.check(TESTS.that(BENCH)));
    }

    @ParameterizedTest
    @ValueSource(classes = {Pause.class, Sleeper.class})
    void one_that_parks_or_hands_on_a_sleep_would_be_found(Class<?> sleeper) {
        assertThrows(AssertionError.class, () -> NO_SLEEP.check(TESTS.that(equivalentTo(sleeper))));
    }

    /** Never calls it itself. */
    private interface Sleeper {
        void rest(long time) throws InterruptedException;

        static Sleeper seconds() {
            return TimeUnit.SECONDS::sleep;
        }
    }
}
