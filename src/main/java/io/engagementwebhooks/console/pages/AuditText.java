package io.engagementwebhooks.console.pages;

import io.engagementwebhooks.console.AuditView;
import io.engagementwebhooks.webhook.ResourceKind;
import java.util.Arrays;

/** Texts of the audit log on pages. */
final class AuditText {

    private AuditText() {}

    /** What was changed, such as "updated OAuth client crm". */
    static String what(AuditView change) {
        String kind = change.kind();
        int last = kind.lastIndexOf(' ') + 1; // "token of oauth-client"
        return change.action() + " " + kind.substring(0, last) + word(kind.substring(last)) + " " + change.name();
    }

    /** What made the change, and its id, such as "API key key_01JD…". */
    static String who(AuditView change) {
        String kind =
                switch (change.actorKind()) {
                    case "api-key" -> "API key";
                    case "user" -> "User";
                    case "portal-session" -> "Portal session";
                    case "operator" -> "Operator of the installation";
                    default -> "Client over JMX";
                };
        return change.actorId() == null ? kind : kind + " " + change.actorId();
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
