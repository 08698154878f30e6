package io.engagementwebhooks.store;

import io.engagementwebhooks.event.EventIdentity;
import java.util.ArrayList;
import java.util.List;

/** An event of this identity was accepted before with other data. Nothing was written. */
public final class IdentityReusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int index;
    private final ArrayList<IdentityReusedException> others;

    /**
     * @param identity the identity
     * @param index which of the events given, from 0
     */
    public IdentityReusedException(EventIdentity identity, int index) {
        this(
                "event " + identity.id() + " of source " + identity.source() + " was accepted before with other data",
                index,
                List.of());
    }

    private IdentityReusedException(String message, int index, List<IdentityReusedException> others) {
        super(message, null, false, false);
        this.index = index;
        this.others = new ArrayList<>(others);
    }

    /** The first of those of one group, in their order, with the others. */
    public static IdentityReusedException of(List<IdentityReusedException> reused) {
        IdentityReusedException first = reused.get(0);
        return new IdentityReusedException(first.getMessage(), first.index, reused.subList(1, reused.size()));
    }

    /** Which of the events given, from 0: the first of them. */
    public int index() {
        return index;
    }

    /** One for each of the events given of which it is so, in their order. */
    public List<IdentityReusedException> all() {
        List<IdentityReusedException> all = new ArrayList<>(others.size() + 1);
        all.add(this);
        all.addAll(others);
        return all;
    }
}
