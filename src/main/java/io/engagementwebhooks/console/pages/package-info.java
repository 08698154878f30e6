/** The console: pages rendered on the server that use the steps of the REST API. */
package io.engagementwebhooks.console.pages;
