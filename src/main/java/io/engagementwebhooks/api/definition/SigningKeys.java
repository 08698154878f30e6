package io.engagementwebhooks.api.definition;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.api.ApiStep;
import io.engagementwebhooks.api.ListView;
import io.engagementwebhooks.api.Page;
import io.engagementwebhooks.api.delivery.DeliveryView;
import io.engagementwebhooks.api.webhook.Severity;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.ResourceKind;
import io.engagementwebhooks.webhook.SigningKey;
import io.engagementwebhooks.webhook.signing.Ed25519Key;
import io.engagementwebhooks.webhook.signing.Validity;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.Processor;

/** The signing keys of the caller's account, without their secrets. Thread-safe. */
public record SigningKeys(Supplier<Config> config, Definitions definitions, Clock clock) {

    /** {@code GET /v1/signing-keys}: by id. */
    public Processor list() {
        return ApiStep.ok(request -> {
            Config current = config.get();
            Optional<SigningKey> last = last(current, request.account());
            ListView<ListedKey> page = Page.named(
                    request,
                    ResourceKind.SIGNING_KEY,
                    List.copyOf(ListedKey.of(current, request.account())),
                    listed -> listed.key().id(),
                    listed -> last.filter(listed.key()::equals).map(this::need).orElse(Severity.NONE));
            return page.map(listed -> view(request.account(), listed));
        });
    }

    /** The account's key that ends last: after it requests are unsigned. */
    private static Optional<SigningKey> last(Config current, String account) {
        return current.account(account).map(Account::signingKeys).orElse(List.of()).stream()
                .max(Comparator.comparing(key -> key.validity().until()));
    }

    private Severity need(SigningKey last) {
        return Severity.atEnd(last.validity().until(), clock.instant());
    }

    /** One by its name, for {@link DefinitionService}. */
    public SigningKeyView shown(String account, String id) {
        return ListedKey.of(config.get(), account).stream()
                .filter(listed -> listed.key().id().equals(id))
                .findFirst()
                .map(listed -> view(account, listed))
                .orElseThrow(
                        () -> new ProblemException(Problem.notFound("this account has no signing key of that id")));
    }

    /** A webhook's own key is defined with the webhook. */
    private DefinedView defined(String account, ListedKey listed) {
        return listed.webhook().isPresent()
                ? DefinedView.ELSEWHERE
                : definitions.defined(
                        account, ResourceKind.SIGNING_KEY, listed.key().id());
    }

    private SigningKeyView view(String account, ListedKey listed) {
        SigningKey key = listed.key();
        Validity validity = key.validity();
        return new SigningKeyView(
                listed.webhook().isPresent()
                        ? null
                        : definitions
                                .id(account, ResourceKind.SIGNING_KEY, key.id())
                                .orElse(null),
                key.id(),
                key.publicId(account),
                key.scheme().text(),
                validity.at(clock.instant()).text(),
                text(validity.from()),
                text(validity.until()),
                key.publicKey().map(Ed25519Key::publicText).orElse(null),
                listed.webhook().orElse(null),
                null,
                listed.webhook()
                        .map(webhook -> definitions.managedBy(account, ResourceKind.WEBHOOK, webhook))
                        .orElseGet(() -> definitions.managedBy(account, ResourceKind.SIGNING_KEY, key.id())),
                defined(account, listed));
    }

    private static String text(Instant bound) {
        return bound.equals(Instant.MIN) || bound.equals(Instant.MAX) ? null : DeliveryView.text(bound);
    }

    /** When a key ends, whose definition has an end. */
    static Instant endOf(ObjectNode key) {
        String text = key.path("until").asText();
        return text.indexOf('T') < 0
                ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
                : OffsetDateTime.parse(text).toInstant();
    }

    /** {@code k1} becomes {@code k2}. */
    static String nextId(String id) {
        Matcher number = Pattern.compile("(.*?)(\\d{1,9})").matcher(id);
        return number.matches() ? number.group(1) + (Long.parseLong(number.group(2)) + 1) : id + "-2";
    }
}
