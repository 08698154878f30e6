package io.engagementwebhooks.contentsquare;

import java.util.Map;
import java.util.Set;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/**
 * Health by the last real call; the check makes no call. Invalid messages and those refused for their content are
 * ignored.
 */
final class ContentsquareProducerHealthCheck extends AbstractHealthCheck {

    private static final Set<Integer> REFUSED_LOGIN = Set.of(401, 403);

    private volatile Throwable lastFault;

    ContentsquareProducerHealthCheck(String endpointId) {
        super("camel", "producer:contentsquare-" + endpointId);
    }

    void update(Throwable fault) {
        boolean contentOnly = fault instanceof ContentsquareException refused
                && !refused.isRetryable()
                && !REFUSED_LOGIN.contains(refused.getStatus());
        if (!contentOnly) {
            lastFault = fault;
        }
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        Throwable fault = lastFault;
        if (fault == null) {
            builder.up();
            return;
        }
        builder.down().message(fault.getMessage());
        if (fault instanceof ContentsquareException refused) {
            builder.detail(SERVICE_STATUS_CODE, refused.getStatus()).detail(SERVICE_ERROR_CODE, refused.getErrorCode());
        } else if (fault instanceof ContentsquareTokenException token) {
            builder.detail(SERVICE_STATUS_CODE, token.getStatus()).detail(SERVICE_ERROR_CODE, token.getErrorCode());
        }
    }
}
