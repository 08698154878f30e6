package io.engagementwebhooks.console;

import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.webhook.SetUp;
import io.engagementwebhooks.webhook.ThingKind;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.camel.Processor;

/**
 * The webhooks of the caller's account of which deliveries wait, those that are set up no more among them. All that are
 * known are gone through by name, for a moment, and from there on when somebody asks for more. Thread-safe.
 */
public final class WaitingWebhooks {

    private static final String SET_UP = "setUp";

    /** So many are looked at in one step. */
    private static final int STEP = 500;

    /** After this no further step is begun. */
    private static final long LONGEST_NANOS = Duration.ofMillis(100).toNanos();

    private final Store store;
    private final Supplier<SetUp> setUp;
    private final Definitions definitions;
    private final LongSupplier nanos;

    /** @param nanos a clock that never goes back */
    public WaitingWebhooks(Store store, SetUps setUp, MadeByApi made, LongSupplier nanos) {
        this.store = store;
        this.setUp = setUp;
        this.definitions = new Definitions(made, setUp);
        this.nanos = nanos;
    }

    /** {@code GET /v1/waiting}: by name. */
    public Processor list() {
        return ApiStep.ok(request -> {
            Parameters given = request.parameters(SET_UP, Parameters.LIMIT, Parameters.CURSOR);
            String asked = given.oneOf(SET_UP, Set.of("true", "false"));
            String scope = "waiting\n" + request.account() + (asked == null ? "" : "\n" + asked);
            return page(request.account(), asked, scope, given.after(scope), given.limit());
        });
    }

    private Map<String, Object> page(String account, String asked, String scope, String after, int limit) {
        long end = nanos.getAsLong() + LONGEST_NANOS;
        Predicate<String> isSetUp = isSetUp(account);
        List<Map<String, Object>> page = new ArrayList<>();
        String lookedTo = after;
        List<String> names;
        do {
            names = store.webhookNames(account, lookedTo, STEP);
            List<String> wanted = names.stream()
                    .filter(name -> asked == null || isSetUp.test(name) == Boolean.parseBoolean(asked))
                    .toList();
            Map<String, Long> waiting = store.waiting(account, wanted);
            for (String name : wanted) {
                if (waiting.containsKey(name) && page.size() == limit) {
                    return Page.of(page, Cursor.of(scope, lookedTo));
                }
                if (waiting.containsKey(name)) {
                    page.add(view(name, waiting.get(name), isSetUp.test(name)));
                    lookedTo = name;
                }
            }
            lookedTo = names.isEmpty() ? lookedTo : names.get(names.size() - 1);
        } while (names.size() == STEP && nanos.getAsLong() - end < 0);
        return Page.of(page, names.size() < STEP ? null : Cursor.of(scope, lookedTo));
    }

    /** One that is defined and cannot be in effect now is set up too. */
    private Predicate<String> isSetUp(String account) {
        SetUp now = setUp.get();
        Set<String> resting = Set.copyOf(definitions.resting(account, ThingKind.WEBHOOK));
        return name -> now.webhook(new WebhookId(account, name)).isPresent() || resting.contains(name);
    }

    private static Map<String, Object> view(String webhook, long deliveries, boolean isSetUp) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("webhook", webhook);
        view.put("deliveries", deliveries);
        view.put(SET_UP, isSetUp);
        return view;
    }
}
