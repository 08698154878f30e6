/** The Camel component that sends the request of a delivery. */
package io.engagementwebhooks.deliver.receiver;
