/**
 * The Salesforce branch of the deliver routes: builds the record, chooses the org, and reads the verdict from the
 * answer. The call itself is Camel's Salesforce component, one instance per connection.
 */
package io.engagementwebhooks.deliver.salesforce;
