/** Steps of routes that wait, block or send together. They hold no thread that another account needs. */
package io.engagementwebhooks.deliver.step;
