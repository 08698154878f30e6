package io.engagementwebhooks.console;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;

/**
 * A page of deliveries, newest first.
 *
 * @param next position of the next page, or null: this is the last
 * @param searchedBackTo how far back the search got if there may be more, or null
 * @param progress the searched share of the time span, 0 to 1; null: the search is complete, or the span is unknown
 * @param counts by status, {@code all} and {@code failing}; null: not requested, and left out
 */
public record DeliveryList(
        List<DeliveryView> items,
        String next,
        String searchedBackTo,
        Double progress,
        @JsonInclude(JsonInclude.Include.NON_NULL) Map<String, Count> counts) {

    /**
     * A number of deliveries.
     *
     * @param deliveries at most 10,000
     * @param more whether there may be more
     */
    public record Count(long deliveries, boolean more) {}
}
