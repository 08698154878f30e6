/**
 * Lists and counts deliveries, attempts and statistics, and runs replays. A list costs no more than its page.
 */
package io.engagementwebhooks.store.query;
