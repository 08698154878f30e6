package io.engagementwebhooks.console.settings;

import io.engagementwebhooks.api.definition.ConnectionView;
import io.engagementwebhooks.api.definition.OAuthClientView;
import java.util.ArrayList;
import java.util.List;

/**
 * Result of the test of an OAuth client or a connection.
 *
 * @param ok whether it works
 * @param findings each with its level
 * @param more a remark, or null
 */
public record TestResult(boolean ok, List<ConnectionView.Finding> findings, String more) {

    /** @param result of the API's step */
    static TestResult of(Object result) {
        if (result instanceof ConnectionView.Test test) {
            return new TestResult(test.ok(), test.findings(), null);
        }
        OAuthClientView.Test test = (OAuthClientView.Test) result;
        List<ConnectionView.Finding> findings = new ArrayList<>();
        if (test.message() != null) {
            findings.add(new ConnectionView.Finding(test.ok() ? "ok" : "bad", null, null, test.message()));
        }
        String more = test.expiresIn() == null
                ? null
                : "The token is valid for " + test.expiresIn() + " s. It came in " + test.ms()
                        + " ms and was discarded.";
        return new TestResult(test.ok(), findings, more);
    }
}
