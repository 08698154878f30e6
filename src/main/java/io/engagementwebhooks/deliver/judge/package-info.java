/** Judging: takes a response or a failure and gives an outcome with its reason. It sends nothing. */
package io.engagementwebhooks.deliver.judge;
