package io.engagementwebhooks.operate.jmx;

import java.util.List;
import java.util.Map;

/** States of webhooks. */
@Described("States of webhooks. The audit log of the account lists changes as made by 'JMX'")
public interface WebhookControl {

    @Described("The configured accounts")
    List<String> getAccounts();

    @ReadOnly
    @Described("The webhooks of an account with their states: active, paused or disabled")
    Map<String, String> states(@Described("account") String account);

    @Described("Pauses a webhook: its deliveries stay queued. Returns its state")
    String pause(@Described("account") String account, @Described("webhook") String webhook);

    @Described("Resumes a paused or disabled webhook: its deliveries continue. Returns its state")
    String resume(@Described("account") String account, @Described("webhook") String webhook);

    @Described("Makes all queued deliveries of an active webhook due now. Runs for at most 10 s; call it again until it"
            + " returns 0. Returns how many it made due")
    int retryNow(@Described("account") String account, @Described("webhook") String webhook);
}
