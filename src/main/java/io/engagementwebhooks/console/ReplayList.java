package io.engagementwebhooks.console;

import java.util.List;

/** A page of replays, the newest first. @param next where the next page begins, or null: this is the last */
public record ReplayList(List<ReplayView> items, String next) {}
