package io.engagementwebhooks.console;

import java.util.List;

/**
 * A page of deliveries, the newest first.
 *
 * @param next where the next page begins, or null: this is the last
 * @param searchedBackTo how far back was looked where there may be more, or null
 */
public record DeliveryList(List<DeliveryView> items, String next, String searchedBackTo) {}
