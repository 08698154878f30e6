package io.engagementwebhooks.config.read;

import io.engagementwebhooks.config.schema.Mapping;
import io.engagementwebhooks.config.schema.UnreadableException;
import io.engagementwebhooks.webhook.Breaker;
import io.engagementwebhooks.webhook.DeliveryMethod;
import io.engagementwebhooks.webhook.Durations;
import io.engagementwebhooks.webhook.EventTypes;
import io.engagementwebhooks.webhook.RetrySchedule;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.WebhookId;
import io.engagementwebhooks.webhook.jq.JqProgram;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the webhooks of one account. Single use. */
final class WebhookReader {

    private static final Duration LONGEST_AGE = Duration.ofDays(90);
    private static final String NEVER_DISABLED = "never";
    private static final Duration BEYOND_SCHEDULE = Duration.ofHours(24);

    private final String account;
    private final ParsedDefinitions definitions;
    private final DeliveryReader deliveries;
    private final Names names = new Names();
    private final Map<String, Mapping> renamed = new HashMap<>();

    WebhookReader(AccountReader account, ParsedDefinitions definitions) {
        this.account = account.id();
        this.definitions = definitions;
        this.deliveries = new DeliveryReader(account);
    }

    Webhook read(Mapping item) {
        Optional<String> claimed = Mapping.readable(() -> names.claim(item, "name"));
        Optional<JqProgram> condition = item.condition("condition", "such as .data.duration >= 120");
        Optional<DeliveryMethod> delivery = Mapping.readable(() -> deliveries.read(item.inner("delivery")));
        RetrySchedule retry = retry(item);
        Duration maxAge = maxAge(item, retry);
        delivery.ifPresent(each -> checkWait(item, each, maxAge));
        String name = claimed.orElseThrow(UnreadableException::new);
        item.find("was").ifPresent(was -> rename(item, name, was));
        DeliveryMethod method = delivery.orElseThrow(UnreadableException::new);
        checkStatuses(item, method);
        return new Webhook(
                new WebhookId(account, name, name),
                new EventTypes(List.copyOf(new LinkedHashSet<>(item.texts("events")))),
                condition,
                method,
                retry,
                maxAge,
                item.numbers("giveUpOn"),
                breaker(item));
    }

    private void rename(Mapping item, String name, String was) {
        definitions.formerNames.add(new FileDefinition.FormerName(account, name, was));
        Mapping other = renamed.putIfAbsent(was, item);
        if (other != null) {
            item.fault(
                    "was",
                    "was",
                    "'was' '" + was + "' is claimed by " + other.resource() + " too",
                    "only one can follow it");
        }
    }

    /** Checks renames once all webhooks are read: a former name must not be in use. */
    void readRenames() {
        renamed.forEach((was, item) -> {
            if (names.has(was)) {
                item.fault(
                        "was",
                        "was",
                        "'was' '" + was + "' is a webhook of this account still",
                        "remove 'was' or that webhook");
            }
        });
    }

    private static RetrySchedule retry(Mapping item) {
        if (!item.isList("retry")) {
            String preset = item.text("retry");
            return RetrySchedule.PRESETS.stream()
                    .filter(each -> each.name().equals(preset))
                    .findFirst()
                    .orElseThrow();
        }
        List<String> texts = item.texts("retry");
        RetrySchedule schedule = new RetrySchedule(
                "[" + String.join(", ", texts) + "]",
                texts.stream().map(Durations::parse).toList());
        if (schedule.span().compareTo(LONGEST_AGE) > 0) {
            item.fault(
                    "retry",
                    "retry-too-long",
                    "'retry' spans more than 90d",
                    "waiting deliveries are kept for 90d at most");
        }
        return schedule;
    }

    private static Duration maxAge(Mapping item, RetrySchedule retry) {
        if (item.has("maxAge")) {
            return item.duration("maxAge");
        }
        Duration usual = item.reading().defaultMaxAge();
        Duration ofSchedule = retry.span().plus(BEYOND_SCHEDULE);
        return usual.compareTo(ofSchedule) > 0 ? usual : ofSchedule;
    }

    private static void checkWait(Mapping item, DeliveryMethod delivery, Duration maxAge) {
        if (delivery.waitFor()
                .filter(wait -> wait.atMost().compareTo(maxAge) >= 0)
                .isPresent()) {
            item.fault(
                    "maxAge",
                    "waits-too-long",
                    "'waitFor' waits as long as a delivery may get old",
                    "make 'maxAge' longer or 'atMost' shorter");
        }
    }

    private static void checkStatuses(Mapping item, DeliveryMethod delivery) {
        item.numbers("giveUpOn").stream()
                .filter(delivery.succeedOn()::contains)
                .forEach(status -> item.fault(
                        "giveUpOn",
                        "status-twice",
                        "'giveUpOn' has " + status + ", and so has 'succeedOn' of the delivery",
                        "remove it from one of them"));
    }

    private static Optional<Breaker> breaker(Mapping item) {
        return item.find("disableAfter")
                .map(text -> text.equals(NEVER_DISABLED) ? Breaker.NEVER : Breaker.after(Durations.parse(text)));
    }
}
