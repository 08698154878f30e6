package io.engagementwebhooks.api.delivery;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;

/**
 * A page of deliveries, newest first.
 *
 * @param next position of the next page, or null: this is the last
 * @param searchedBackTo how far back the search got if there may be more, or null
 * @param counts by status, {@code all} and {@code failing}; null: not requested, or too many counts run; left out
 */
public record DeliveryList(
        List<DeliveryView> items,
        String next,
        String searchedBackTo,
        @JsonInclude(JsonInclude.Include.NON_NULL) Map<String, Count> counts) {

    /**
     * A number of deliveries.
     *
     * @param deliveries at most 10,000
     * @param more whether there may be more
     */
    public record Count(long deliveries, boolean more) {}
}
