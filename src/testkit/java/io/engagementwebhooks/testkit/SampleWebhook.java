package io.engagementwebhooks.testkit;

import io.engagementwebhooks.webhook.DeliveryMethod;
import io.engagementwebhooks.webhook.EventTypes;
import io.engagementwebhooks.webhook.RetrySchedule;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.auth.Authentication;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Webhooks without a condition, with the standard retry schedule. */
public final class SampleWebhook {

    private SampleWebhook() {}

    /** Without authentication. @param types of events; none: all */
    public static Webhook of(String account, String name, Target target, String... types) {
        return of(account, name, target, new Authentication.None(), DeliveryMethod.DEFAULT_TIMEOUT, types);
    }

    /** @param types of events; none: all */
    public static Webhook of(
            String account, String name, Target target, Authentication by, Duration timeout, String... types) {
        return new Webhook(
                Ids.webhook(account, name),
                new EventTypes(types.length == 0 ? List.of("*") : List.of(types)),
                Optional.empty(),
                new DeliveryMethod(target, by, timeout, Set.of(), Optional.empty(), Optional.empty(), Optional.empty()),
                RetrySchedule.STANDARD,
                Duration.ofDays(7),
                Set.of());
    }
}
