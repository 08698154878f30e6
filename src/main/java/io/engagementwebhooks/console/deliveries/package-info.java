/** The pages of deliveries, replays and received events. They read by the API and keep no state. */
package io.engagementwebhooks.console.deliveries;
