"""What test_bypass_residency.py tries: (id, what is tried, how, what must come of it).

    no      nothing is submitted, or the update is refused
    inside  the job runs, and on nodes inside of its tag only
    waits   it is in the queue and gets no node, although foreign ones are idle
    safe    one of these three, as this Slurm has it

How: words of sbatch, but @root, @client and @forger tell who submits (root for the user; with a plugstack.conf of his own, without our
plugin or with another), @directive puts -w into the script, and $NAME=VALUE is in sbatch's environment. HOST is a file that names n4,
USER the user, JOB the number of the attempt's job, NEXT the number after that, ABROAD that of a job without a tag."""

from clusterlib.slurm import SlurmInstall

# From 25.05 on the node asks for a login of the user before such a job, and the users of the tests have no shell.
EXPORTED = "inside" if SlurmInstall().version < (25, 5) else "waits"

# sbatch of a user whose account `fi` may run in Finland only; `open` may run anywhere.
SUBMISSIONS = [
    ("name", "a foreign node by name", "-A fi -w n4", "no"),
    ("name-two", "a foreign node beside one inside", "-A fi -N2 -w n1,n4", "no"),
    ("name-feature", "a node that is foreign by its feature", "-A fi -w n3", "no"),
    ("name-file", "a file of node names", "-A fi -F HOST", "no"),
    ("name-directive", "-w in the script itself", "-A fi @directive", "no"),
    ("name-arbitrary", "-m arbitrary with a node", "-A fi -m arbitrary -w n4", "no"),
    ("name-array", "an array on a foreign node", "-A fi --array=1-3 -w n4", "no"),
    ("name-root", "root submits for the user", "@root --uid USER -A fi -w n4", "no"),
    ("exclude-all", "every node inside excluded", "-A fi -x n[1-2]", "no"),
    ("exclude-one", "two nodes, one of them excluded", "-A fi -N2 -x n1", "no"),
    ("constraint", "a feature that foreign nodes have", "-A fi -C loc_SE", "no"),
    ("constraint-or", "one feature or the other", "-A fi -C loc_FI|loc_SE", "inside"),
    ("constraint-xor", "[one|other]", "-A fi -N2 -C [loc_SE|loc_FI]", "inside"),
    ("constraint-counts", "a node of each place", "-A fi -N2 -C [loc_FI*1&loc_DE*1]", "no"),
    ("constraint-env", "SBATCH_CONSTRAINT", "-A fi $SBATCH_CONSTRAINT=loc_DE", "no"),
    ("prefer", "a preference for foreign nodes", "-A fi --prefer=loc_DE", "safe"),
    ("switches", "one switch, at which foreign nodes are", "-A fi -w n3 --switches=1@60", "no"),
    ("switches-two", "two nodes of one switch", "-A fi -N2 --switches=1@60", "inside"),
    ("contiguous", "nodes in a row", "-A fi -N2 --contiguous", "inside"),
    ("spread", "spread over as many nodes as may be", "-A fi -N1-5 -n4 --spread-job", "inside"),
    ("range", "up to five nodes", "-A fi -N1-5", "inside"),
    ("size", "more nodes than are inside", "-A fi -N3", "no"),
    ("size-gpus", "more GPUs than are inside", "-A fi --gpus=3", "no"),
    ("size-tasks", "more tasks than fit inside", "-A fi -n17 -c1 --exclusive", "no"),
    ("partition", "a partition of foreign nodes", "-A fi -p burst", "no"),
    ("partition-list", "that and another", "-A fi -p burst,gpu", "inside"),
    ("partition-env", "SBATCH_PARTITION", "-A fi $SBATCH_PARTITION=burst", "no"),
    ("reservation", "a reservation of a foreign node", "-A fi --reservation=abroad", "no"),
    ("reservation-env", "SBATCH_RESERVATION", "-A fi $SBATCH_RESERVATION=abroad", "no"),
    ("cloud", "a node of a cloud, which is not up", "-A fi -p cloud -w cloud1", "no"),
    ("cloud-partition", "the cloud's partition", "-A fi -p cloud", "no"),
    ("cloud-feature", "what only nodes of the cloud have", "-A fi -p cloud,gpu -C cloud", "no"),
    ("future", "a node of the future", "-A fi -p cloud -w future1", "safe"),
    ("test-only", "sbatch --test-only", "-A fi --test-only -w n4", "no"),
    ("array", "tasks of an array", "-A fi --array=1-4", "inside"),
    ("het", "a part of a het job on a foreign node", "-A fi -w n1 : -A fi -w n4", "no"),
    ("het-tag", "a part whose tag the other has not", "-A open -w n2 : -A open -w n4 --data-residency=FI", "no"),
    ("option-wider", "--data-residency beyond the allocation's", "-A fi --data-residency=FI|DE -C loc_FI|loc_DE", "inside"),
    ("option-other", "--data-residency outside of the allocation's", "-A fi --data-residency=DE", "no"),
    ("option-group", "a group without the node's country", "-A open --data-residency=EU27 -w n5 --reservation=abroad", "no"),
    ("option-own", "one's own tag, and a foreign node", "-A open --data-residency=FI -w n4", "no"),
    ("option-empty", "a tag that nothing satisfies", "-A open --data-residency=FI&DE", "no"),
    ("comment", "the tag in the comment, and a foreign node", "-A open --comment=aif:residency=FI -w n4", "no"),
    ("comment-beside", "the tag in the comment, beside an option", "-A open --ai-purpose=training --comment=aif:residency=FI -w n4", "no"),
    ("comment-wider", "another tag in the comment", "-A fi --comment=aif:residency=DE", "no"),
    ("comment-twice", "a tag twice in the comment", "-A open --comment=aif:residency=FI,residency=DE -w n4", "no"),
    ("comment-option", "the comment against the option", "-A open --data-residency=FI --comment=aif:residency=DE -w n4", "no"),
    ("qos-other", "the QOS of an allocation without tag", "-A fi --qos=ehpc-aif-2026fl01-046 -w n4", "no"),
    ("allocation-other", "its name", "-A fi --ai-allocation=EHPC-AIF-2026FL01-046 -w n4", "no"),
    ("env-result", "AIF_RESIDENCY and AIF_TICKET in the environment", "-A fi $AIF_RESIDENCY=DE $AIF_TICKET=MUNGE:x: -C loc_FI|loc_DE",
     "inside"),
    ("env-spank", "SPANK variables in the environment", "-A fi $SPANK_AIF_REQUEST=residency%3DDE $SLURM_SPANK_AIF_TICKET=x "
     "$SPANK_AIF_TICKET=x -C loc_FI|loc_DE", "inside"),
    ("env-export", "--export of the same", "-A fi --export=ALL,AIF_RESIDENCY=DE,SPANK_AIF_TICKET=x -C loc_FI|loc_DE", EXPORTED),
    ("client", "a client without our SPANK plugin", "-A fi @client -w n4", "no"),
    ("client-comment", "the same with a tag in the comment", "-A open @client --comment=aif:residency=FI -w n4", "no"),
    ("forged-request", "a request forged over one's own", "-A fi @forger $FORGE_AIF_REQUEST=residency=DE -w n4", "no"),
]

# scontrol update of a held job by its user, and then its release. Not each change is refused: none leads abroad.
UPDATES = [
    ("set-nodes", "ReqNodeList", "-H -A fi", "ReqNodeList=n4", "waits"),
    ("set-nodelist", "NodeList", "-H -A fi", "NodeList=n4", "waits"),
    ("set-exclude", "ExcNodeList", "-H -A fi", "ExcNodeList=n[1-2]", "waits"),
    ("set-features", "Features", "-H -A fi", "Features=loc_DE", "waits"),
    ("set-partition", "Partition", "-H -A fi", "Partition=burst", "waits"),
    ("set-cloud", "Partition of a cloud", "-H -A fi", "Partition=cloud", "waits"),
    ("set-reservation", "ReservationName", "-H -A fi", "ReservationName=abroad", "waits"),
    ("set-count", "NumNodes", "-H -A fi", "NumNodes=3", "no"),
    ("set-tasks", "task n2 of an array", "-H -A fi --array=1-3", "JobId=JOB_2 ReqNodeList=n4", "waits"),
    ("set-account", "Account", "-H -A fi", "Account=open", "inside"),
    ("set-account-nordic", "Account with a wider tag", "-H -A fi", "Account=nordic", "inside"),
    ("set-qos", "QOS", "-H -A fi", "QOS=ehpc-aif-2026fl01-046", "no"),
    ("set-all", "all at once", "-H -A fi", "Account=open QOS=ehpc-aif-2026fl01-046 ReqNodeList=n4 Partition=burst", "waits"),
    ("set-comment", "another tag in the comment", "-H -A fi", "Comment=aif:residency=DE", "no"),
    ("set-own", "one's own tag widened", "-H -A open --data-residency=FI", "Comment=aif:residency=FI|DE ReqNodeList=n4", "no"),
    ("set-own-away", "one's own tag dropped", "-H -A open --data-residency=FI", "Comment= ReqNodeList=n4", "waits"),
    ("set-own-mode", "a comment that asks something else", "-H -A open --comment=aif:residency=FI",
     "Comment=aif:mode=fast-lane ReqNodeList=n4", "waits"),
    ("set-mark", "AdminComment", "-H -A fi", 'AdminComment={"aif":{"v":1}}', "no"),
    ("set-mark-empty", "AdminComment, empty", "-H -A fi", "AdminComment=", "no"),
    ("set-owner", "UserID", "-H -A fi", "UserID=root", "no"),
    ("set-switches", "Switches", "-H -A fi -N2", "Switches=1@0", "inside"),
    ("set-dependency", "Dependency on a job abroad", "-H -A fi", "Dependency=after:ABROAD ReqNodeList=n4", "waits"),
    ("set-part", "a part of a het job", "-H -A fi -w n1 : -H -A fi -w n2", "JobId=NEXT ReqNodeList=n4", "waits"),
]
