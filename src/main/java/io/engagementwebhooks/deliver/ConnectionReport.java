package io.engagementwebhooks.deliver;

import java.util.List;
import java.util.Objects;

/**
 * Result of a connection test.
 *
 * @param findings the login first, then webhook by webhook
 */
public record ConnectionReport(List<Finding> findings) {

    public ConnectionReport {
        findings = List.copyOf(findings);
    }

    /** Whether the test found no fault. */
    public boolean ok() {
        return findings.stream().noneMatch(finding -> finding.level() == Level.FAULT);
    }

    /** How much a finding matters. */
    public enum Level {
        /** no problem */
        OK,
        /** deliveries may fail or lose something */
        WARNING,
        /** deliveries will fail */
        FAULT
    }

    /**
     * One thing found.
     *
     * @param level how much it matters
     * @param webhook the webhook it is about, or null: the connection itself
     * @param field the third party's field it is about, or null
     * @param text for the customer: the setting, the rule and the remedy; without secrets and exception texts
     */
    public record Finding(Level level, String webhook, String field, String text) {

        public Finding {
            Objects.requireNonNull(level);
            Objects.requireNonNull(text);
        }

        /** About the connection itself. */
        public static Finding of(Level level, String text) {
            return new Finding(level, null, null, text);
        }
    }
}
