package io.engagementwebhooks.store.accept;

import io.engagementwebhooks.event.EventIdentity;
import java.util.ArrayList;
import java.util.List;

/** An event of the same identity was accepted before with other data. Nothing was written. */
public final class IdentityReusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int index;
    private final ArrayList<IdentityReusedException> others;

    /**
     * @param identity the identity
     * @param index index of the event among those given
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

    /** The first exception of a group, which holds the others. */
    public static IdentityReusedException of(List<IdentityReusedException> reused) {
        IdentityReusedException first = reused.get(0);
        return new IdentityReusedException(first.getMessage(), first.index, reused.subList(1, reused.size()));
    }

    /** The index of the first such event among those given. */
    public int index() {
        return index;
    }

    /** One per such event, in order. */
    public List<IdentityReusedException> all() {
        List<IdentityReusedException> all = new ArrayList<>(others.size() + 1);
        all.add(this);
        all.addAll(others);
        return all;
    }
}
