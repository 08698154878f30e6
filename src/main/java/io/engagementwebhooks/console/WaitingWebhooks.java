package io.engagementwebhooks.console;

import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.webhook.SetUp;
import io.engagementwebhooks.webhook.ThingKind;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.camel.Processor;

/**
 * The webhooks of the caller's account of which deliveries wait, those that are set up no more among them. Where these are
 * many, all that are known are gone through by name, for a moment, and from there on when somebody asks for more. Thread-safe.
 */
public final class WaitingWebhooks {

    private static final String SET_UP = "setUp";
    private static final String WEBHOOK = "webhook";
    private static final String TEXT = "text";

    /** Where something waits at no more webhooks than these, only they are looked at. */
    private static final int FEW = 500;

    /** So many are looked at in one step. */
    private static final int STEP = 500;

    /** Of so many it is counted at once what waits. */
    private static final int COUNTED = 50;

    /** After this no further step is begun. */
    private static final long LONGEST_NANOS = Duration.ofMillis(20).toNanos();

    private final Store store;
    private final Supplier<SetUp> setUp;
    private final MadeByApi made;
    private final LongSupplier nanos;

    /** @param nanos a clock that never goes back */
    public WaitingWebhooks(Store store, SetUps setUp, MadeByApi made, LongSupplier nanos) {
        this.store = store;
        this.setUp = setUp;
        this.made = made;
        this.nanos = nanos;
    }

    /** {@code GET /v1/waiting}: by name. */
    public Processor list() {
        return ApiStep.ok(request -> {
            Parameters given = request.parameters(SET_UP, WEBHOOK, TEXT, Parameters.LIMIT, Parameters.CURSOR);
            Asked asked = new Asked(
                    request.account(),
                    given.oneOf(SET_UP, Set.of("true", "false")),
                    given.text(TEXT),
                    isSetUp(request.account()));
            Optional<List<String>> few = given.text(WEBHOOK) == null
                    ? store.webhooksThatWait(request.account(), FEW)
                    : Optional.of(List.of(given.text(WEBHOOK)));
            String after = given.after(asked.scope());
            return few.isPresent() ? among(few.get(), asked, after, given.limit()) : walk(asked, after, given.limit());
        });
    }

    /**
     * @param setUp whether they are to be set up; null: all are meant
     * @param text what is to be in their names; null: anything
     */
    private record Asked(String account, String setUp, String text, Predicate<String> isSetUp) {

        String scope() {
            return "waiting\n" + account + (setUp == null ? "" : "\n" + setUp) + (text == null ? "" : "\ntext " + text);
        }

        List<String> wanted(List<String> names) {
            return names.stream()
                    .filter(name ->
                            text == null || name.toLowerCase(Locale.ROOT).contains(text.toLowerCase(Locale.ROOT)))
                    .filter(name -> setUp == null || isSetUp.test(name) == Boolean.parseBoolean(setUp))
                    .toList();
        }
    }

    private Map<String, Object> among(List<String> names, Asked asked, String after, int limit) {
        List<String> wanted = asked.wanted(names).stream()
                .filter(name -> after == null || name.compareTo(after) > 0)
                .sorted()
                .toList();
        List<String> page = wanted.subList(0, Math.min(limit, wanted.size()));
        Map<String, Long> waiting = store.waiting(asked.account(), page);
        return Page.of(
                page.stream()
                        .filter(waiting::containsKey)
                        .map(name ->
                                view(name, waiting.get(name), asked.isSetUp().test(name)))
                        .toList(),
                wanted.size() > limit ? Cursor.of(asked.scope(), page.get(limit - 1)) : null);
    }

    private Map<String, Object> walk(Asked asked, String after, int limit) {
        long end = nanos.getAsLong() + LONGEST_NANOS;
        List<Map<String, Object>> page = new ArrayList<>();
        String lookedTo = after;
        List<String> names;
        do {
            names = store.webhookNames(asked.account(), lookedTo, STEP);
            List<String> wanted = asked.wanted(names);
            for (int from = 0; from < wanted.size(); from += COUNTED) {
                List<String> some = wanted.subList(from, Math.min(from + COUNTED, wanted.size()));
                Map<String, Long> waiting = store.waiting(asked.account(), some);
                for (String name : some) {
                    if (waiting.containsKey(name) && page.size() == limit) {
                        return Page.of(page, Cursor.of(asked.scope(), lookedTo));
                    }
                    if (waiting.containsKey(name)) {
                        page.add(view(name, waiting.get(name), asked.isSetUp().test(name)));
                        lookedTo = name;
                    }
                }
            }
            lookedTo = names.isEmpty() ? lookedTo : names.get(names.size() - 1);
        } while (names.size() == STEP && nanos.getAsLong() - end < 0);
        return Page.of(page, names.size() < STEP ? null : Cursor.of(asked.scope(), lookedTo));
    }

    /** One that is defined and cannot be in effect now is set up too. */
    private Predicate<String> isSetUp(String account) {
        SetUp now = setUp.get();
        return name -> now.webhook(new WebhookId(account, name)).isPresent()
                || made.kept(account, ThingKind.WEBHOOK, name)
                        .filter(MadeByApi.Kept::isResting)
                        .isPresent();
    }

    private static Map<String, Object> view(String webhook, long deliveries, boolean isSetUp) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put(WEBHOOK, webhook);
        view.put("deliveries", deliveries);
        view.put(SET_UP, isSetUp);
        return view;
    }
}
