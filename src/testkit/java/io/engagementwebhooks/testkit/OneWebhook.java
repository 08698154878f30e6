package io.engagementwebhooks.testkit;

import java.net.URI;

/** Configuration files with the account {@code acme}, an admin key and a webhook that gets every event. */
public final class OneWebhook {

    private OneWebhook() {}

    /** The webhook {@code all}. */
    public static String all(String key, URI url) {
        return named("all", key, url);
    }

    /** @param members of the webhook, such as {@code retry: [1h]} */
    public static String named(String name, String key, URI url, String... members) {
        StringBuilder yaml = new StringBuilder(
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: staff, role: admin, key: %s}]
                    webhooks:
                      - name: %s
                        events: ["*"]
                        delivery: {url: "%s", authentication: {type: none}}
                """
                        .formatted(key, name, url));
        for (String member : members) {
            yaml.append("        ").append(member).append('\n');
        }
        return yaml.toString();
    }
}
