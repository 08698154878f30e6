package io.engagementwebhooks;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.RoutesBuilder;
import org.junit.jupiter.api.Test;

/** The direction of dependencies between packages, and names of classes. */
class ArchitectureTest {

    static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.engagementwebhooks");

    private static final String OURS = "io.engagementwebhooks.";

    private static ArchRule dependsOnlyOn(String packageName, String... others) {
        String[] allowed = new String[others.length + 1];
        allowed[0] = OURS + packageName + "..";
        for (int i = 0; i < others.length; i++) {
            allowed[i + 1] = OURS + others[i] + "..";
        }
        return noClasses()
                .that()
                .resideInAPackage(OURS + packageName + "..")
                .should()
                .dependOnClassesThat(resideInAPackage("io.engagementwebhooks..").and(not(resideInAnyPackage(allowed))));
    }

    @Test
    void the_package_event_depends_on_no_other() {
        dependsOnlyOn("event").check(CLASSES);
    }

    @Test
    void the_package_ledger_depends_on_no_other() {
        dependsOnlyOn("ledger").check(CLASSES);
    }

    @Test
    void the_package_tls_depends_on_no_other() {
        dependsOnlyOn("tls").check(CLASSES);
    }

    @Test
    void the_package_credential_depends_on_the_ledger() {
        dependsOnlyOn("credential", "ledger").check(CLASSES);
    }

    @Test
    void the_package_webhook_depends_on_events() {
        dependsOnlyOn("webhook", "event", "ledger").check(CLASSES);
    }

    /** Quarkus adds the routes of each public class of this kind that is not abstract on the class path to an application. */
    @Test
    void no_framework_finds_a_builder_of_routes() {
        noClasses()
                .that()
                .arePublic()
                .and()
                .doNotHaveModifier(JavaModifier.ABSTRACT)
                .should()
                .beAssignableTo(RoutesBuilder.class)
                .check(CLASSES);
    }

    @Test
    void other_packages_use_only_the_programs_of_jq() {
        classes()
                .that()
                .resideInAPackage(OURS + "webhook.jq..")
                .and()
                .arePublic()
                .should()
                .haveSimpleName("JqProgram")
                .check(CLASSES);
    }

    @Test
    void the_package_config_depends_on_what_it_reads() {
        dependsOnlyOn("config", "webhook", "credential", "event", "ledger").check(CLASSES);
    }

    @Test
    void the_package_trace_depends_on_events() {
        dependsOnlyOn("trace", "event").check(CLASSES);
    }

    @Test
    void the_package_store_depends_on_what_it_stores() {
        dependsOnlyOn("store", "webhook", "credential", "event", "ledger").check(CLASSES);
    }

    @Test
    void the_package_outbox_depends_on_the_store() {
        dependsOnlyOn("outbox", "store", "webhook", "event", "ledger").check(CLASSES);
    }

    @Test
    void the_package_deliver_depends_on_the_outbox() {
        dependsOnlyOn(
                        "deliver",
                        "outbox",
                        "store",
                        "webhook",
                        "credential",
                        "event",
                        "trace",
                        "contentsquare",
                        "tls",
                        "ledger")
                .check(CLASSES);
    }

    @Test
    void the_package_record_depends_on_deliver() {
        dependsOnlyOn("record", "deliver", "outbox", "store", "webhook", "event", "ledger")
                .check(CLASSES);
    }

    @Test
    void the_package_ingest_depends_on_neither_deliver_nor_record() {
        dependsOnlyOn("ingest", "server", "outbox", "store", "webhook", "event", "trace", "ledger")
                .check(CLASSES);
    }

    @Test
    void the_package_server_depends_on_callers_and_failures_of_the_store() {
        dependsOnlyOn("server", "store", "webhook", "event", "tls", "ledger").check(CLASSES);
    }

    @Test
    void the_package_api_depends_on_what_it_shows_and_not_on_record() {
        dependsOnlyOn(
                        "api",
                        "config",
                        "ingest",
                        "deliver",
                        "outbox",
                        "store",
                        "server",
                        "webhook",
                        "credential",
                        "event",
                        "ledger")
                .check(CLASSES);
    }

    @Test
    void the_package_console_depends_on_the_api() {
        dependsOnlyOn(
                        "console",
                        "api",
                        "config",
                        "deliver",
                        "outbox",
                        "store",
                        "server",
                        "webhook",
                        "credential",
                        "event",
                        "ledger")
                .check(CLASSES);
    }

    @Test
    void the_contentsquare_component_depends_only_on_camel_and_credentials() {
        classes()
                .that()
                .resideInAPackage(OURS + "contentsquare..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        OURS + "contentsquare..",
                        OURS + "credential..",
                        "java..",
                        "org.apache.camel..",
                        "com.fasterxml.jackson..",
                        "org.slf4j..")
                .check(CLASSES);
    }

    @Test
    void no_package_depends_on_operate() {
        noClasses()
                .that()
                .resideOutsideOfPackages(OURS + "operate..", "io.engagementwebhooks")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(OURS + "operate..")
                .check(CLASSES);
    }

    @Test
    void only_the_store_uses_sql() {
        noClasses()
                .that()
                .resideOutsideOfPackage(OURS + "store..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.sql..",
                        "javax.sql..",
                        "org.sqlite..",
                        "org.postgresql..",
                        "com.zaxxer..",
                        "org.flywaydb..")
                .check(CLASSES);
    }

    @Test
    void only_operate_accesses_the_implementation_of_the_store() {
        classes()
                .that()
                .resideInAnyPackage(OURS + "store.jdbc..", OURS + "store.sqlite..", OURS + "store.postgres..")
                .or()
                .haveSimpleNameStartingWith("Jdbc")
                .should()
                .onlyBeAccessed()
                .byAnyPackage(OURS + "store..", OURS + "operate..")
                .check(CLASSES);
    }

    @Test
    void there_are_no_cycles_between_packages() {
        slices().matching("io.engagementwebhooks.(*)..")
                .should()
                .beFreeOfCycles()
                .check(CLASSES);
    }

    /** A reader who finds a class by its name finds one class. */
    @Test
    void no_two_classes_have_the_same_name() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src"))) {
            Map<String, List<Path>> byName = files.filter(
                            file -> file.toString().endsWith(".java"))
                    .filter(file -> !file.endsWith("package-info.java"))
                    .collect(Collectors.groupingBy(
                            file -> file.getFileName().toString(), TreeMap::new, Collectors.toList()));
            byName.values().removeIf(same -> same.size() == 1);
            assertEquals(Map.of(), byName);
        }
    }
}
