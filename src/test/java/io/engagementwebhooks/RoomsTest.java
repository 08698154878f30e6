package io.engagementwebhooks;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.Test;

/** The direction of dependencies between packages. */
class RoomsTest {

    static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.engagementwebhooks");

    private static final String OURS = "io.engagementwebhooks.";

    private static ArchRule knowsOnly(String packageName, String... others) {
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
    void events_know_no_one() {
        knowsOnly("event").check(CLASSES);
    }

    @Test
    void the_ledger_depends_on_no_room() {
        knowsOnly("ledger").check(CLASSES);
    }

    @Test
    void credentials_depend_on_no_room() {
        knowsOnly("credential", "ledger").check(CLASSES);
    }

    @Test
    void webhooks_know_events() {
        knowsOnly("webhook", "event", "ledger").check(CLASSES);
    }

    @Test
    void others_know_of_jq_its_programs_alone() {
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
    void traces_know_events() {
        knowsOnly("trace", "event").check(CLASSES);
    }

    @Test
    void the_store_knows_what_it_keeps() {
        knowsOnly("store", "webhook", "credential", "event", "ledger").check(CLASSES);
    }

    @Test
    void the_outbox_knows_the_store() {
        knowsOnly("outbox", "store", "webhook", "event", "ledger").check(CLASSES);
    }

    @Test
    void deliver_takes_from_the_outbox() {
        knowsOnly("deliver", "outbox", "store", "webhook", "credential", "event", "trace", "contentsquare", "ledger")
                .check(CLASSES);
    }

    @Test
    void record_knows_what_was_delivered() {
        knowsOnly("record", "deliver", "outbox", "store", "webhook", "event", "ledger")
                .check(CLASSES);
    }

    @Test
    void ingest_knows_neither_deliver_nor_record() {
        knowsOnly("ingest", "server", "outbox", "store", "webhook", "event", "trace", "ledger")
                .check(CLASSES);
    }

    @Test
    void the_server_knows_callers_and_tells_the_stores_failures() {
        knowsOnly("server", "store", "webhook", "event", "ledger").check(CLASSES);
    }

    @Test
    void the_console_knows_the_rooms_that_it_shows_and_not_who_records() {
        knowsOnly(
                        "console",
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
    void the_contentsquare_component_knows_only_camel_what_calls_by_http_and_credentials() {
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
                        "org.apache.hc..",
                        "com.fasterxml.jackson..",
                        "org.slf4j..")
                .check(CLASSES);
    }

    @Test
    void no_one_knows_who_puts_the_rooms_together() {
        noClasses()
                .that()
                .resideOutsideOfPackages(OURS + "operate..", "io.engagementwebhooks")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(OURS + "operate..")
                .check(CLASSES);
    }

    @Test
    void only_the_store_knows_sql() {
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
    void what_a_store_is_made_of_is_known_only_where_it_is_opened() {
        classes()
                .that()
                .resideInAPackage(OURS + "store.jdbc..")
                .should()
                .onlyBeAccessed()
                .byAnyPackage(OURS + "store.jdbc..", OURS + "store.transfer..", OURS + "operate..")
                .check(CLASSES);
    }

    @Test
    void rooms_know_each_other_one_way() {
        slices().matching("io.engagementwebhooks.(*)..")
                .should()
                .beFreeOfCycles()
                .check(CLASSES);
    }
}
