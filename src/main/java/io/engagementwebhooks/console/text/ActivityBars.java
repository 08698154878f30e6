package io.engagementwebhooks.console.text;

import io.engagementwebhooks.api.webhook.ActivityView;
import java.util.ArrayList;
import java.util.List;

/**
 * The last 24 hours of a webhook as small bars, failed deliveries below the others, scaled to the highest bar.
 * Immutable.
 */
public final class ActivityBars {

    public static final int HEIGHT = 20;
    private static final int STEP = 6;
    private static final int BARS = 12;

    public static final int WIDTH = BARS * STEP;

    private ActivityBars() {}

    /** A part of a bar. @param kind its CSS class */
    public record Bar(String kind, int x, int y, int height) {}

    /** Oldest first. Empty parts are left out; small ones are two units high. */
    public static List<Bar> of(ActivityView activity) {
        long most = activity.bars().stream()
                .mapToLong(ActivityView.Bar::deliveries)
                .max()
                .orElse(0);
        List<Bar> bars = new ArrayList<>();
        for (int i = 0; i < activity.bars().size(); i++) {
            ActivityView.Bar bar = activity.bars().get(i);
            int failed = height(bar.failed(), most);
            int others = Math.min(HEIGHT - failed, height(bar.deliveries() - bar.failed(), most));
            if (failed > 0) {
                bars.add(new Bar("failed", i * STEP, HEIGHT - failed, failed));
            }
            if (others > 0) {
                bars.add(new Bar("accepted", i * STEP, HEIGHT - failed - others, others));
            }
        }
        return bars;
    }

    private static int height(long value, long most) {
        return value == 0 ? 0 : (int) Math.max(2, HEIGHT * value / most);
    }
}
