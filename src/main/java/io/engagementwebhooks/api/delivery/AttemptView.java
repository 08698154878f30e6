package io.engagementwebhooks.api.delivery;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.type.TypeReference;
import io.engagementwebhooks.store.query.AttemptRow;
import java.util.Map;
import java.util.Optional;

/**
 * An attempt in the API.
 *
 * @param note a remark, or null
 * @param status the HTTP status, or null: there was no response
 * @param timing milliseconds per phase, or null
 * @param headers of the response, or null
 * @param body the start of the response; null: there was none, or it is not text
 * @param bodyBase64 instead of {@code body} if that is not text, else null
 * @param request the sent request, or null: unknown
 */
public record AttemptView(
        int number,
        String startedAt,
        String outcome,
        String reason,
        String note,
        Integer status,
        long ms,
        Map<String, Double> timing,
        Map<String, String> headers,
        @JsonInclude(JsonInclude.Include.NON_NULL) String body,
        @JsonInclude(JsonInclude.Include.NON_NULL) String bodyBase64,
        SentRequestView request) {

    public static AttemptView of(AttemptRow row, SentRequestView request) {
        Optional<String> text = row.body() == null ? Optional.empty() : DeliveryView.utf8(row.body());
        return new AttemptView(
                row.number(),
                DeliveryView.text(row.startedAt()),
                row.outcome(),
                row.reason().isEmpty() ? null : row.reason(),
                row.note(),
                row.status(),
                row.ms(),
                DeliveryView.read(row.timing(), new TypeReference<>() {}),
                DeliveryView.read(row.headers(), new TypeReference<>() {}),
                text.orElse(null),
                row.body() == null || text.isPresent() ? null : DeliveryView.base64(row.body()),
                request);
    }
}
