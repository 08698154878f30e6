package io.engagementwebhooks.quickstart;

import java.nio.file.Path;
import java.util.List;

/** What a person can try while the product runs. */
final class WhatNext {

    private static final String TEXT =
            """

            Try next; it runs until Ctrl-C, and what you send shows up below.

              send a call of your own
                curl -i %1$s/v1/events -H 'Authorization: Bearer %2$s' \\
                  -H 'Content-Type: application/json' \\
                  -d '{"id":"mine-1","source":"/try","type":"call.missed","data":{"cdr_id":1,"anum":"+4670123xxx"}}'
              see how deliveries stand, and one with every attempt
                curl '%1$s/v1/deliveries?limit=5' -H 'Authorization: Bearer %3$s'
                curl %1$s/v1/deliveries/%4$s -H 'Authorization: Bearer %3$s'
              send that one again
                curl -X POST %1$s/v1/deliveries/%4$s/replay -H 'Authorization: Bearer %3$s'
              change a webhook: save examples/quickstart/webhooks.yaml, and the next event meets it
              change a route: edit routes/31-deliver-header.camel.yaml, Ctrl-C, ./quickstart.sh
              look inside: %1$s/v1/openapi.yaml  http://127.0.0.1:%5$d/observe/health
                %6$s
            """;

    private WhatNext() {}

    static String text(String url, int managementPort, DemoSecrets secrets, Path log, List<Row> rows) {
        String shown = rows.stream()
                .max((a, b) -> Integer.compare(a.attempts(), b.attempts()))
                .map(Row::id)
                .orElse("msg_…");
        return TEXT.formatted(url, secrets.ingestKey(), secrets.adminKey(), shown, managementPort, log);
    }
}
