package io.engagementwebhooks.console;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;

/**
 * A delivery with its attempts, the first first.
 *
 * @param urlNow where its webhook sends at present, without the values of the query; null: to no URL of its own, or it is gone
 */
public record DeliveryDetails(@JsonUnwrapped DeliveryView delivery, String urlNow, List<AttemptView> attempts) {}
