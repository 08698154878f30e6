package io.engagementwebhooks.webhook.config;

import io.engagementwebhooks.webhook.Breaker;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.DeliveryMethod;
import io.engagementwebhooks.webhook.EventTypes;
import io.engagementwebhooks.webhook.RetrySchedule;
import io.engagementwebhooks.webhook.Shown;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.WebhookId;
import io.engagementwebhooks.webhook.config.YamlNode.Scalar;
import io.engagementwebhooks.webhook.config.YamlNode.Sequence;
import io.engagementwebhooks.webhook.jq.JqProgram;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads the webhooks of one account. For one use. */
final class WebhookReader {

    private static final Pattern EVENT_TYPE = Pattern.compile("\\*|[^*\\s\\p{Cc}]+(?<!\\.)(\\.\\*)?");
    private static final Duration SHORTEST_GAP = Duration.ofMillis(100);
    private static final Duration LONGEST_GAP = Duration.ofDays(30);
    private static final int MOST_GAPS = 1000;
    private static final Duration SHORTEST_AGE = Duration.ofSeconds(1);
    private static final Duration LONGEST_AGE = Duration.ofDays(90);
    private static final Duration SHORTEST_FAILURE = Duration.ofSeconds(1);
    private static final String NEVER_DISABLED = "never";
    private static final Duration BEYOND_SCHEDULE = Duration.ofHours(24);

    private final String account;
    private final ParsedDefinitions gathered;
    private final DeliveryReader deliveries;
    private final Names names = new Names();
    private final Map<String, Mapping> renamed = new HashMap<>();

    WebhookReader(AccountReader account, ParsedDefinitions gathered) {
        this.account = account.id();
        this.gathered = gathered;
        this.deliveries = new DeliveryReader(account);
    }

    void read(Mapping item) {
        int before = item.reading().faults().count();
        Optional<String> name = names.claim(item, "name", Names.NAME, Names.NAME_RULE);
        Optional<EventTypes> events = events(item);
        Optional<JqProgram> condition = condition(item);
        Optional<DeliveryMethod> delivery = delivery(item);
        RetrySchedule retry = retry(item);
        Duration maxAge = maxAge(item, retry);
        delivery.ifPresent(method -> checkWait(item, method, maxAge));
        Set<Integer> giveUpOn = giveUpOn(item);
        Optional<Breaker> breaker = breaker(item);
        if (item.has("was")) {
            item.need("was", "the webhook's former name").ifPresent(was -> rename(item, was));
        }
        if (item.reading().faults().count() == before && name.isPresent() && delivery.isPresent()) {
            gathered.webhooks.add(new Webhook(
                    new WebhookId(account, name.get(), name.get()),
                    events.orElseThrow(),
                    condition,
                    delivery.get(),
                    retry,
                    maxAge,
                    giveUpOn,
                    breaker));
            item.text("was")
                    .ifPresent(was -> gathered.formerNames.add(new Config.FormerName(account, name.get(), was)));
        }
    }

    private void rename(Mapping item, String was) {
        Mapping other = renamed.putIfAbsent(was, item);
        if (other != null) {
            item.fault(
                    "was", "'was' '" + was + "' is claimed by " + other.resource() + " too", "only one can follow it");
        }
    }

    /** After all webhooks are known: a name that is still in use was not given up. */
    void readRenames() {
        renamed.forEach((was, item) -> {
            if (names.has(was)) {
                item.fault(
                        "was",
                        "'was' '" + was + "' is a webhook of this account still",
                        "remove 'was' or that webhook");
            }
        });
    }

    private static Optional<EventTypes> events(Mapping item) {
        String what = "the event types it asks for: exact, with a prefix like call.*, or \"*\"";
        if (!item.has("events")) {
            item.need("events", what);
            return Optional.empty();
        }
        int before = item.reading().faults().count();
        Set<String> types = new LinkedHashSet<>(item.texts("events"));
        for (String type : types) {
            if (!EVENT_TYPE.matcher(type).matches()) {
                item.fault(
                        "events",
                        "'" + Shown.of(type) + "' asks for no event type",
                        "write call.ended, call.* or \"*\"");
            }
        }
        if (types.isEmpty() && item.reading().faults().count() == before) {
            item.fault("events", "'events' is empty", what);
        }
        return Optional.of(new EventTypes(List.copyOf(types)));
    }

    private static Optional<JqProgram> condition(Mapping item) {
        return item.literal("condition").flatMap(text -> {
            try {
                return Optional.of(item.reading().compiled().condition(text));
            } catch (IllegalArgumentException e) {
                item.fault("condition", "'condition': " + e.getMessage(), "such as .data.duration >= 120");
                return Optional.empty();
            }
        });
    }

    private Optional<DeliveryMethod> delivery(Mapping item) {
        if (!item.has("delivery")) {
            item.need("delivery", "where to and how: {url: https://…}");
            return Optional.empty();
        }
        return item.mapping("delivery", Part.DELIVERY).flatMap(deliveries::read);
    }

    private static RetrySchedule retry(Mapping item) {
        Optional<YamlNode> node = item.node("retry");
        if (node.isEmpty()) {
            return RetrySchedule.STANDARD;
        }
        return node.get() instanceof Sequence list ? gaps(item, list) : preset(item);
    }

    private static RetrySchedule preset(Mapping item) {
        Map<String, RetrySchedule> presets =
                RetrySchedule.PRESETS.stream().collect(Collectors.toMap(RetrySchedule::name, preset -> preset));
        return item.choice("retry", presets, Map.of()).orElse(RetrySchedule.STANDARD);
    }

    private static RetrySchedule gaps(Mapping item, Sequence list) {
        List<Duration> gaps = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        for (YamlNode entry : list.items()) {
            String text = entry instanceof Scalar scalar ? scalar.value() : entry.kind();
            item.duration("retry", "'" + Shown.of(text) + "'", text, entry.line(), SHORTEST_GAP, LONGEST_GAP)
                    .ifPresent(gaps::add);
            texts.add(text);
        }
        RetrySchedule schedule = new RetrySchedule("[" + String.join(", ", texts) + "]", gaps);
        if (gaps.size() > MOST_GAPS) {
            item.fault("retry", "'retry' has " + gaps.size() + " gaps", "at most " + MOST_GAPS);
        }
        if (schedule.span().compareTo(LONGEST_AGE) > 0) {
            item.fault("retry", "'retry' spans more than 90d", "waiting deliveries are kept for 90d at most");
        }
        return schedule;
    }

    private static Duration maxAge(Mapping item, RetrySchedule retry) {
        if (item.has("maxAge")) {
            return item.duration("maxAge", SHORTEST_AGE, LONGEST_AGE).orElse(LONGEST_AGE);
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
                    "'waitFor' waits as long as a delivery may get old",
                    "make 'maxAge' longer or 'atMost' shorter");
        }
    }

    private static Optional<Breaker> breaker(Mapping item) {
        if (item.peek("disableAfter").filter(NEVER_DISABLED::equals).isPresent()) {
            return Optional.of(Breaker.NEVER);
        }
        return item.duration("disableAfter", SHORTEST_FAILURE, LONGEST_AGE).map(Breaker::after);
    }

    private static Set<Integer> giveUpOn(Mapping item) {
        Set<Integer> statuses = new LinkedHashSet<>();
        for (String text : item.texts("giveUpOn")) {
            if (text.matches("[345]\\d\\d")) {
                statuses.add(Integer.parseInt(text));
            } else {
                item.fault(
                        "giveUpOn",
                        "'giveUpOn' holds '" + Shown.of(text) + "'",
                        "HTTP statuses from 300 to 599, such as [400, 422]");
            }
        }
        return statuses;
    }
}
