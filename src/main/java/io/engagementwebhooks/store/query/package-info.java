/**
 * Lists and counts deliveries, attempts and statistics, and runs replays. The cost of a query is bounded by its page.
 */
package io.engagementwebhooks.store.query;
