/** Erases what the store keeps of events of a person. It knows events, deliveries and attempts, not how they are sent. */
package io.engagementwebhooks.store.erase;
