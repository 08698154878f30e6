package io.engagementwebhooks;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The rooms of the house and the direction in which they may know each other. */
@AnalyzeClasses(packages = "io.engagementwebhooks", importOptions = ImportOption.DoNotIncludeTests.class)
class RoomsTest {

    private static final String OURS = "io.engagementwebhooks.";

    private static ArchRule knowsOnly(String room, String... others) {
        String[] allowed = new String[others.length + 1];
        allowed[0] = OURS + room + "..";
        for (int i = 0; i < others.length; i++) {
            allowed[i + 1] = OURS + others[i] + "..";
        }
        return noClasses()
                .that()
                .resideInAPackage(OURS + room + "..")
                .should()
                .dependOnClassesThat(com.tngtech.archunit.base.DescribedPredicate.describe(
                        "are ours and none of " + String.join(", ", allowed),
                        used -> used.getPackageName().startsWith("io.engagementwebhooks")
                                && !com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage(allowed)
                                        .test(used)));
    }

    @ArchTest
    static final ArchRule events_know_nobody = knowsOnly("event");

    @ArchTest
    static final ArchRule webhooks_know_events = knowsOnly("webhook", "event");

    @ArchTest
    static final ArchRule the_store_knows_what_it_keeps = knowsOnly("store", "webhook", "event");

    @ArchTest
    static final ArchRule the_outbox_knows_the_store = knowsOnly("outbox", "store", "webhook", "event");

    @ArchTest
    static final ArchRule deliver_takes_from_the_outbox =
            knowsOnly("deliver", "outbox", "store", "webhook", "event", "contentsquare");

    @ArchTest
    static final ArchRule record_knows_what_was_delivered =
            knowsOnly("record", "deliver", "outbox", "store", "webhook", "event");

    @ArchTest
    static final ArchRule ingest_knows_neither_deliver_nor_record =
            knowsOnly("ingest", "server", "outbox", "store", "webhook", "event");

    @ArchTest
    static final ArchRule the_server_knows_callers = knowsOnly("server", "webhook");

    @ArchTest
    static final ArchRule the_contentsquare_component_knows_only_camel = knowsOnly("contentsquare");

    @ArchTest
    static final ArchRule nobody_knows_who_puts_the_rooms_together = noClasses()
            .that()
            .resideOutsideOfPackages(OURS + "operate..", "io.engagementwebhooks")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(OURS + "operate..");

    @ArchTest
    static final ArchRule only_the_store_knows_sql = noClasses()
            .that()
            .resideOutsideOfPackage(OURS + "store..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.sql..", "javax.sql..", "org.sqlite..", "com.zaxxer..", "org.flywaydb..");

    @ArchTest
    static final ArchRule what_a_store_is_made_of_is_known_only_where_it_is_opened = classes()
            .that()
            .resideInAPackage(OURS + "store.sqlite..")
            .should()
            .onlyBeAccessed()
            .byAnyPackage(OURS + "store.sqlite..", OURS + "operate..");

    @ArchTest
    static final ArchRule rooms_know_each_other_one_way =
            slices().matching("io.engagementwebhooks.(*)..").should().beFreeOfCycles();
}
