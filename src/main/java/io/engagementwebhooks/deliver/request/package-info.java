/** The request of a delivery: built, authorized and signed. It opens no connection. */
package io.engagementwebhooks.deliver.request;
