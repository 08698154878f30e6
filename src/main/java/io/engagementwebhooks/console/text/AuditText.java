package io.engagementwebhooks.console.text;

import io.engagementwebhooks.api.AuditView;
import io.engagementwebhooks.webhook.ResourceKind;
import java.util.Arrays;

/** Texts of the audit log on pages. */
public final class AuditText {

    private AuditText() {}

    /** What was changed, such as "updated OAuth client crm". */
    public static String what(AuditView change) {
        String kind = change.kind();
        int last = kind.lastIndexOf(' ') + 1; // "token of oauth-client"
        return change.action() + " " + kind.substring(0, last) + word(kind.substring(last)) + " " + change.name();
    }

    private static String word(String kind) {
        if (kind.equals("portal-session")) {
            return "portal link";
        }
        return Arrays.stream(ResourceKind.values())
                .filter(known -> known.text().equals(kind))
                .map(ResourceKind::words)
                .findFirst()
                .orElse(kind);
    }
}
