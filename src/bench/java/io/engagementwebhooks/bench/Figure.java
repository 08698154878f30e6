package io.engagementwebhooks.bench;

import java.util.Locale;

/**
 * A measured figure.
 *
 * @param id constant over runs, for comparisons
 * @param what in words
 * @param value NaN if not measured
 * @param unit "×" for a ratio
 * @param bar null if there is none
 * @param remark an annotation; may be empty
 */
record Figure(String id, String what, double value, String unit, Bar bar, String remark) {

    /** Whether it is what it should be; without a bar it is. */
    boolean isMet() {
        return bar == null || bar.isMetBy(value);
    }

    String verdict() {
        if (bar == null) {
            return "";
        }
        return Double.isNaN(value) ? "not measured" : isMet() ? "met" : "missed";
    }

    String valueText() {
        return Double.isNaN(value) ? "–" : text(value);
    }

    String barText() {
        return bar == null ? "" : bar.sign() + " " + text(bar.limit());
    }

    private String text(double number) {
        String form = unit.equals("×") ? "%.2f" : number >= 100 ? "%,.0f" : number >= 10 ? "%.1f" : "%.2f";
        return String.format(Locale.ROOT, form, number).replace(',', ' ') + " " + unit;
    }
}
