/** The store: events, deliveries, attempts and definitions, by role. It knows what is stored and not why. */
package io.engagementwebhooks.store;
