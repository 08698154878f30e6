package io.engagementwebhooks.api.delivery;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;

/**
 * A delivery with its attempts, oldest first.
 *
 * @param urlNow the URL that its webhook sends to now, without the values of the query; null: it has no URL, or was
 *     deleted
 */
public record DeliveryDetails(@JsonUnwrapped DeliveryView delivery, String urlNow, List<AttemptView> attempts) {}
