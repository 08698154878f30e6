package io.engagementwebhooks.console;

import java.util.List;

/**
 * A page of deliveries, newest first.
 *
 * @param next position of the next page, or null: this is the last
 * @param searchedBackTo how far back the search got if there may be more, or null
 */
public record DeliveryList(List<DeliveryView> items, String next, String searchedBackTo) {}
