package io.engagementwebhooks;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.async.NonBlockingInputFeeder;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.properties.HasName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Parts of libraries that advisories are about and that the product does not use: deploy/vex.cdx.json says so. */
class LibraryUseTest {

    /** CVE-2026-54512 to CVE-2026-54515, of jackson-databind. */
    @Test
    void json_is_bound_to_no_type_that_it_names_itself() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.fasterxml.jackson.databind.jsontype..")
                .orShould()
                .dependOnClassesThat()
                .belongToAnyOf(JsonTypeInfo.class, JsonFormat.class, JsonIgnoreProperties.class)
                .orShould()
                .callMethodWhere(JavaCall.Predicates.target(
                        HasName.Predicates.nameMatching("treeToValue|updateValue|activateDefaultTyping.*")))
                .check(ArchitectureTest.CLASSES);
        // what the product's own API has answered, in records of the pages
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName("io.engagementwebhooks.console.Api")
                .and()
                .doNotHaveFullyQualifiedName("io.engagementwebhooks.console.Api$Answer")
                .should()
                .callMethodWhere(JavaCall.Predicates.target(HasName.Predicates.nameMatching("convertValue")))
                .check(ArchitectureTest.CLASSES);
    }

    /** GHSA-72hv-8253-57qq and GHSA-r7wm-3cxj-wff9, of jackson-core. */
    @Test
    void json_is_not_read_piece_by_piece() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .areAssignableTo(NonBlockingInputFeeder.class)
                .orShould()
                .callMethodWhere(JavaCall.Predicates.target(HasName.Predicates.nameMatching("createNonBlocking.*")))
                .check(ArchitectureTest.CLASSES);
    }

    /** CVE-2026-54399 and CVE-2026-54428, of HttpCore: endpoints of contentsquare: get the product's client. */
    @Test
    void what_the_product_sends_is_not_sent_by_camels_http_client() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.engagementwebhooks.deliver..",
                        "io.engagementwebhooks.ingest..",
                        "io.engagementwebhooks.console..")
                .should()
                .dependOnClassesThat()
                .haveNameMatching(
                        "org\\.apache\\.hc\\.client5\\.http\\.impl\\.\\w+\\.(Http|H2|Minimal|Internal|Pooling).*")
                .check(ArchitectureTest.CLASSES);
    }

    /** CVE-2026-2332, CVE-2026-8384 and CVE-2026-19203, of Jetty's server. */
    @Test
    void of_jetty_only_the_client_is_used() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.eclipse.jetty.server..")
                .check(ArchitectureTest.CLASSES);
    }

    /** CVE-2026-33454 and CVE-2026-59230, of camel-mail. */
    @Test
    void mail_is_only_sent() throws IOException {
        noClasses()
                .should()
                .dependOnClassesThat()
                .haveNameMatching(
                        "org\\.apache\\.camel\\.(component\\.mail\\.Mail(Consumer|Endpoint)|dataformat\\.mime).*")
                .check(ArchitectureTest.CLASSES);
        try (Stream<Path> files = Files.walk(Path.of("routes"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertFalse(
                        Files.readString(file).matches("(?s).*(imaps?:|pop3s?:|unmarshal|mimeMultipart).*"),
                        file::toString);
            }
        }
    }
}
