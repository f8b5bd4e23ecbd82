"""The validators of exports refuse what the published formats do not allow; without it, a test that uses them would say nothing. No cluster."""

import json
import time

import pytest
from validators import apel, auditor, furms, ood

NOW = int(time.time()) - 1000
JOB = {"Site": "S", "LocalJobId": "aif-1-1", "WallDuration": 60, "CpuDuration": 120, "StartTime": NOW - 60, "EndTime": NOW,
       "InfrastructureType": "grid", "ServiceLevel": "{hepscore23: 11.5}"}
SUMMARY = {"Site": "S", "Month": 2, "Year": 2026, "WallDuration": 60, "CpuDuration": 120, "NumberOfJobs": 1,
           "EarliestEndTime": 1769904000, "LatestEndTime": 1772323199}
SYNC = {"Site": "S", "SubmitHost": "aif", "NumberOfJobs": 1, "Month": 2, "Year": 2026}
HEADERS = {"job": "APEL-individual-job-message: v0.4", "summary": "APEL-summary-job-message: v0.4", "sync": "APEL-sync-message: v0.1"}
GPU = {"MeasurementMonth": 2, "MeasurementYear": 2026, "AssociatedRecordType": "grid", "AssociatedRecord": "aif-1-1", "FQAN": "/vo",
       "SiteName": "S", "Count": 2, "ActiveDuration": 60, "AvailableDuration": 60, "Type": "GPU", "Model": "H100"}
RECORD = {"record_id": "aif-1-1", "meta": {"user_id": ["a"]}, "components": [{"name": "GPU", "amount": 2, "scores": []}],
          "start_time": "2026-02-01T00:00:00Z", "stop_time": "2026-02-01T01:00:00Z"}
FURMS = {"projectIdentifier": "P", "allocationIdentifier": "A", "probedAt": "2026-02-01T00:00:00Z", "cumulativeConsumption": 1.25}
OOD = {"version": 1, "timestamp": NOW, "config": {"unit": "GPU-hour", "project_type": "project"},
       "balances": [{"user": "a", "project": "p", "value": 5}]}


def lines(kind, record, header=None, count=1):
    part = "".join(f"{key}: {value}\n" for key, value in record.items()) + "%%\n"
    return f"{header or HEADERS[kind]}\n{part * count}"


def accelerator(record, count=1, **envelope):
    return json.dumps({"Type": "APEL-accelerator-message", "Version": "0.1", "UsageRecords": [record] * count, **envelope})


def furms_text(body, header=None):
    return json.dumps([{"header": header or {"version": 1, "messageCorrelationId": None, "status": "OK"},
                        "body": {"CumulativeResourceUsageRecord": body}}])


def without(record, key):
    return {name: value for name, value in record.items() if name != key}


def test_what_is_right_is_taken():
    for kind, record in (("job", JOB), ("summary", SUMMARY), ("sync", SYNC)):
        assert apel.message(lines(kind, record, count=2)) == (kind, [record] * 2)
    assert apel.accelerators(accelerator(GPU)) == [GPU]
    assert auditor.record(RECORD)
    assert furms.messages(furms_text(FURMS)) == {"A": ("P", 1.25)}
    assert ood.balances(json.dumps(OOD)) == {("a", "p"): 5}


WRONG = {
    "apel: a key is missing": (apel.message, lines("job", without(JOB, "CpuDuration"))),
    "apel: an unknown key": (apel.message, lines("job", {**JOB, "GPUs": 2})),
    "apel: a key of another message": (apel.message, lines("sync", {**SYNC, "WallDuration": 1})),
    "apel: a fraction of a second": (apel.message, lines("job", {**JOB, "WallDuration": 1.5})),
    "apel: no value": (apel.message, lines("job", {**JOB, "VO": "None"})),
    "apel: ends before it starts": (apel.message, lines("job", {**JOB, "StartTime": NOW + 1})),
    "apel: a job that never started": (apel.message, lines("job", {**JOB, "StartTime": 0})),
    "apel: more than 1,000 records": (apel.message, lines("job", JOB, count=1001)),
    "apel: cut off": (apel.message, lines("job", JOB)[:-3]),
    "apel: another version": (apel.message, lines("job", JOB, "APEL-individual-job-message: v9")),
    "apel: a service level without a unit": (apel.message, lines("job", {**JOB, "ServiceLevel": "11.5"})),
    "apel: month 13": (apel.message, lines("sync", {**SYNC, "Month": 13})),
    "apel: an end in another month": (apel.message, lines("summary", {**SUMMARY, "LatestEndTime": 1772323200})),
    "accelerators: a key is missing": (apel.accelerators, accelerator(without(GPU, "Model"))),
    "accelerators: an unknown key": (apel.accelerators, accelerator({**GPU, "Energy": 1})),
    "accelerators: text for a number": (apel.accelerators, accelerator({**GPU, "Count": "2"})),
    "accelerators: none of them": (apel.accelerators, accelerator({**GPU, "Count": 0})),
    "accelerators: more than 1,000 records": (apel.accelerators, accelerator(GPU, 1001)),
    "accelerators: another envelope": (apel.accelerators, accelerator(GPU, Version="0.2")),
    "auditor: an unknown key": (auditor.record, {**RECORD, "runtime": 3600}),
    "auditor: a key is missing": (auditor.record, without(RECORD, "meta")),
    "auditor: a time without a zone": (auditor.record, {**RECORD, "stop_time": "2026-02-01T01:00:00"}),
    "auditor: ends before it starts": (auditor.record, {**RECORD, "stop_time": "2026-01-01T01:00:00Z"}),
    "auditor: half a GPU": (auditor.record, {**RECORD, "components": [{"name": "GPU", "amount": 0.5, "scores": []}]}),
    "auditor: a component twice": (auditor.record, {**RECORD, "components": RECORD["components"] * 2}),
    "auditor: an empty name": (auditor.record, {**RECORD, "meta": {"user_id": [""]}}),
    "furms: an unknown key": (furms.messages, furms_text({**FURMS, "unit": "h"})),
    "furms: a consumption below nothing": (furms.messages, furms_text({**FURMS, "cumulativeConsumption": -1})),
    "furms: a consumption in words": (furms.messages, furms_text({**FURMS, "cumulativeConsumption": "1"})),
    "furms: another header": (furms.messages, furms_text(FURMS, {"version": 2, "messageCorrelationId": None, "status": "OK"})),
    "ood: part of an hour": (ood.balances, json.dumps({**OOD, "balances": [{"user": "a", "project": "p", "value": 1.5}]})),
    "ood: a balance twice": (ood.balances, json.dumps({**OOD, "balances": OOD["balances"] * 2})),
    "ood: another version": (ood.balances, json.dumps({**OOD, "version": 2})),
}


@pytest.mark.parametrize("check, text", WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_refused(check, text):
    with pytest.raises((ValueError, KeyError)):
        check(text)
