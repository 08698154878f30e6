/** The Camel component that routes send the request of a delivery by. */
package io.engagementwebhooks.deliver.receiver;
