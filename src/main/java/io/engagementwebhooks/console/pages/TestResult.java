package io.engagementwebhooks.console.pages;

import io.engagementwebhooks.console.ConnectionView;
import io.engagementwebhooks.console.OAuthClientView;
import java.util.ArrayList;
import java.util.List;

/**
 * What a test of an OAuth client or of a connection found.
 *
 * @param ok whether it works
 * @param findings each with its level
 * @param more in small letters, or null
 */
record TestResult(boolean ok, List<ConnectionView.Finding> findings, String more) {

    /** @param result as the API's step answers it */
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
                : "The token is good for " + test.expiresIn() + " s. It came in " + test.ms()
                        + " ms and was thrown away.";
        return new TestResult(test.ok(), findings, more);
    }
}
