package io.engagementwebhooks.operate.jmx;

import java.util.List;
import java.util.Map;

/** Whether webhooks are sent to. */
@Described("Whether webhooks are sent to. What is changed here stands in the account's audit log as done by 'JMX'")
public interface WebhookControl {

    @Described("The accounts that are set up")
    List<String> getAccounts();

    @ReadOnly
    @Described("The webhooks of an account with their states: active, paused or disabled")
    Map<String, String> states(@Described("account") String account);

    @Described("Pauses a webhook: its deliveries wait. Returns its state")
    String pause(@Described("account") String account, @Described("webhook") String webhook);

    @Described("Resumes a paused or disabled webhook: its deliveries go on. Returns its state")
    String resume(@Described("account") String account, @Described("webhook") String webhook);

    @Described(
            "Makes all waiting deliveries of an active webhook due now. Goes on for 10 s at most; call it again until it"
                    + " returns 0. Returns how many it made due")
    int retryNow(@Described("account") String account, @Described("webhook") String webhook);
}
