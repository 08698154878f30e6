package io.engagementwebhooks.deliver.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.config.ConfigParser;
import io.engagementwebhooks.config.schema.ConfigFaults;
import io.engagementwebhooks.config.schema.Placeholders;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.testkit.ConfigReaders;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.hc.core5.ssl.SSLContexts;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each notation of a forbidden address is refused in each field that a customer can configure, and when it is called
 * (semantics 23, 27, 30). {@code InstanceRuleTest} tests Salesforce instances with the same addresses.
 */
@Timeout(300)
class AddressesToRefuseTest {

    /** The configuration around a URL, by field. */
    private static final Map<String, String> PLACES = Map.of(
            "receiver", "webhooks: [{name: w, events: ['*'], delivery: {url: \"%s\"}}]",
            "token endpoint",
                    "oauthClients: [{name: c, clientId: i, clientSecret: s, authenticationEndpoint: \"%s\", tokenPath: ''}]",
            "Salesforce", "connections: [{name: s, type: salesforce, loginUrl: \"%s\", clientId: i, clientSecret: s}]",
            "Contentsquare",
                    "connections: [{name: c, type: contentsquare, tokenUrl: \"%s\", clientId: i, clientSecret: s,"
                            + " schema: [{name: a, type: INT}]}]");

    private final EgressRules rules = new EgressRules(EgressSettings.DEFAULT);

    @AutoClose
    private final EgressClient client = new EgressClient(
            rules,
            "test",
            Clock.systemUTC(),
            new NameResolver(new SystemNames(AddressesToRefuseTest::inside), Clock.systemUTC()),
            SSLContexts.createDefault(),
            (account, task) -> task.run());

    static Stream<String> forms() {
        Stream<String> addresses =
                vectors("refuse_ip").map(address -> address.contains(":") ? "[" + address + "]" : address);
        Stream<String> urls = vectors("refuse_url").filter(url -> !url.contains(" ") && !url.contains("localhost"));
        Stream<String> others = Stream.of(
                "https://127.0.0.1./",
                "https://127.0.0.1:443/",
                "https://0177.0.0.1/",
                "https://0x7F.0x0.0x0.0x1/",
                "https://127.0.1/",
                "https://3232235521/",
                "https://[::ffff:169.254.169.254]/",
                "https://[0:0:0:0:0:ffff:a9fe:a9fe]/",
                "https://[fe80::1%25eth0]/",
                "https://[::1%251]/",
                "https://[64:ff9b::169.254.169.254]/",
                "https://crm.example.com@127.0.0.1/",
                "https://crm.example.com:443@10.0.0.1/",
                "https://\uFF11\uFF12\uFF17.0.0.1/",
                "https://\u2460\u2461\u2466.0.0.1/",
                "https://127\u30020\u30020\u30021/",
                "https://%31%32%37.0.0.1/",
                "https://256.256.256.256/",
                "https://crm.example.com:22/",
                "https://crm.example.com:6379/");
        return Stream.of(addresses.map(host -> "https://" + host + "/"), urls, others)
                .flatMap(forms -> forms);
    }

    @ParameterizedTest
    @MethodSource("forms")
    void it_is_refused_in_every_setting(String url) {
        ConfigParser reader = ConfigReaders.by(rules::refusal);
        PLACES.forEach((place, yaml) -> {
            String file = "accounts:\n  - id: acme\n    " + yaml.formatted(url) + "\n";
            assertThrows(
                    ConfigFaults.class,
                    () -> reader.read(file.getBytes(StandardCharsets.UTF_8), NO_PLACEHOLDERS),
                    place + ": " + url);
        });
    }

    /** Addresses of a stored configuration or of a token response were not checked before. */
    @ParameterizedTest
    @MethodSource("forms")
    void it_is_refused_at_the_call(String url) throws Exception {
        Optional<URI> parsed = parsed(url);
        if (parsed.isEmpty()) {
            return; // it is no valid URI
        }
        OutgoingRequest request = new OutgoingRequest(
                "acme", parsed.get(), "POST", new byte[0], Instant.now().plusSeconds(20));
        IOException here = assertThrows(IOException.class, () -> client.send(request), url);
        assertTrue(here instanceof EgressRefusedException || here instanceof NotPublicException, url + ": " + here);
    }

    @Test
    void names_with_private_addresses_are_refused_at_the_call() {
        for (String name : List.of("localhost", "localhost.")) {
            EgressRefusedException refused =
                    assertThrows(EgressRefusedException.class, () -> client.send(requestTo(name)));
            assertEquals(
                    name + " leads to an address that is not public (loopback): webhooks may not call it",
                    refused.getMessage());
        }
        for (String name : List.of("127.0.0.1.nip.example", "both.example")) {
            NotPublicException refused = assertThrows(NotPublicException.class, () -> client.send(requestTo(name)));
            assertEquals("127.0.0.1 (loopback)", refused.detail());
        }
    }

    private static OutgoingRequest requestTo(String name) {
        return new OutgoingRequest(
                "acme",
                URI.create("https://" + name + "/"),
                "POST",
                new byte[0],
                Instant.now().plusSeconds(20));
    }

    private static final Placeholders NO_PLACEHOLDERS = name -> Optional.empty();

    private static InetAddress[] inside(String name) throws java.net.UnknownHostException {
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        return name.equals("both.example")
                ? new InetAddress[] {InetAddress.getByName("1.1.1.1"), loopback}
                : new InetAddress[] {loopback};
    }

    private static Optional<URI> parsed(String url) {
        try {
            return Optional.of(URI.create(url));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Stream<String> vectors(String name) {
        try (InputStream in = AddressesToRefuseTest.class.getResourceAsStream("/vectors/addresses-to-refuse.json")) {
            JsonNode list = new ObjectMapper().readTree(in).get(name);
            return StreamSupport.stream(list.spliterator(), false).map(JsonNode::textValue);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
