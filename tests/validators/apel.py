"""APEL: text messages v0.4 (individual, summary), sync v0.1, and the accelerator message (JSON) v0.1."""

import calendar
import datetime
import json
import re
import time

RECORDS_MAX = 1000
NULL = {"none", "null", '""', ""}
SERVICE_LEVEL = re.compile(r"\{(hepscore23|hepspec|si2k): \d+(\.\d+)?\}")

TEXT, NUMBER, LEVEL = "text", "number", "level"
JOB = {
    "Site": TEXT, "SubmitHost": TEXT, "MachineName": TEXT, "Queue": TEXT, "LocalJobId": TEXT, "LocalUserId": TEXT,
    "GlobalUserName": TEXT, "FQAN": TEXT, "VO": TEXT, "VOGroup": TEXT, "VORole": TEXT, "WallDuration": NUMBER,
    "CpuDuration": NUMBER, "Processors": NUMBER, "NodeCount": NUMBER, "StartTime": NUMBER, "EndTime": NUMBER,
    "InfrastructureDescription": TEXT, "InfrastructureType": TEXT, "MemoryReal": NUMBER, "MemoryVirtual": NUMBER,
    "ServiceLevel": LEVEL,
}
SUMMARY = {
    "Site": TEXT, "Month": NUMBER, "Year": NUMBER, "GlobalUserName": TEXT, "VO": TEXT, "VOGroup": TEXT, "VORole": TEXT,
    "SubmitHost": TEXT, "InfrastructureType": TEXT, "InfrastructureDescription": TEXT, "ServiceLevel": LEVEL,
    "NodeCount": NUMBER, "Processors": NUMBER, "EarliestEndTime": NUMBER, "LatestEndTime": NUMBER, "WallDuration": NUMBER,
    "CpuDuration": NUMBER, "NumberOfJobs": NUMBER,
}
SYNC = {"Site": TEXT, "SubmitHost": TEXT, "NumberOfJobs": NUMBER, "Month": NUMBER, "Year": NUMBER}
MESSAGES = {
    "APEL-individual-job-message: v0.4": ("job", JOB, ("Site", "LocalJobId", "WallDuration", "CpuDuration", "StartTime",
                                                       "EndTime")),
    "APEL-summary-job-message: v0.4": ("summary", SUMMARY, ("Site", "Month", "Year", "WallDuration", "CpuDuration",
                                                            "NumberOfJobs")),
    "APEL-sync-message: v0.1": ("sync", SYNC, ("Site", "SubmitHost", "NumberOfJobs", "Month", "Year")),
}
GPU_REQUIRED = {"MeasurementMonth": int, "MeasurementYear": int, "AssociatedRecordType": str, "AssociatedRecord": str,
                "FQAN": str, "SiteName": str, "Count": int, "ActiveDuration": int, "AvailableDuration": int, "Type": str,
                "Model": str}
GPU_OPTIONAL = {"GlobalUserName": str, "Cores": int, "BenchmarkType": str, "Benchmark": float, "CloudType": str,
                "CloudComputeService": str}


def _value(key, kind, text):
    if text.lower() in NULL:
        raise ValueError(f"{key}: null value {text!r}")
    if kind == NUMBER:
        if not re.fullmatch(r"\d+", text):
            raise ValueError(f"{key}: not a whole number: {text!r}")
        return int(text)
    if kind == LEVEL and not SERVICE_LEVEL.fullmatch(text):
        raise ValueError(f"{key}: {text!r}")
    return text


def _record(lines, keys, required):
    record = {}
    for line in lines:
        key, colon, value = line.partition(": ")
        if not colon or key not in keys or key in record:
            raise ValueError(f"unknown, repeated or malformed key: {line!r}")
        record[key] = _value(key, keys[key], value)
    missing = [key for key in required if key not in record]
    if missing:
        raise ValueError(f"missing {missing}")
    return record


def _check_job(record):
    if not 0 < record["StartTime"] <= record["EndTime"] <= time.time() + 2 * 86400:
        raise ValueError(f"times of {record['LocalJobId']}")
    if record.get("InfrastructureType", "grid") not in ("grid", "local"):
        raise ValueError(record["InfrastructureType"])


def _check_month(record):
    if not 1 <= record["Month"] <= 12 or not 2000 <= record["Year"] <= 2200:
        raise ValueError(f"month {record['Year']}-{record['Month']}")


def _check_summary(record):
    _check_month(record)
    first = calendar.timegm((record["Year"], record["Month"], 1, 0, 0, 0))
    days = calendar.monthrange(record["Year"], record["Month"])[1]
    times = record.get("EarliestEndTime", first), record.get("LatestEndTime", first)
    if not first <= times[0] <= times[1] < first + days * 86400:
        raise ValueError("ends outside of the month")


CHECKS = {"job": _check_job, "summary": _check_summary, "sync": _check_month}


def message(text):
    """(kind, records) of a text message."""
    header, newline, rest = text.partition("\n")
    if header not in MESSAGES or not newline or not rest.endswith("%%\n"):
        raise ValueError(f"header or end: {header!r}")
    kind, keys, required = MESSAGES[header]
    records = [_record(part.splitlines(), keys, required) for part in rest[:-len("%%\n")].split("%%\n")]
    if len(records) > RECORDS_MAX:
        raise ValueError(f"{len(records)} records")
    for record in records:
        CHECKS[kind](record)
    return kind, records


def accelerators(text):
    """The records of an accelerator message."""
    data = json.loads(text)
    if set(data) != {"Type", "Version", "UsageRecords"} or (data["Type"], data["Version"]) != ("APEL-accelerator-message",
                                                                                              "0.1"):
        raise ValueError(f"envelope: {sorted(data)}")
    if not 1 <= len(data["UsageRecords"]) <= RECORDS_MAX:
        raise ValueError(f"{len(data['UsageRecords'])} records")
    for record in data["UsageRecords"]:
        for key, kind in GPU_REQUIRED.items():
            if type(record.get(key)) is not kind:
                raise ValueError(f"{key}: {record.get(key)!r}")
        unknown = set(record) - set(GPU_REQUIRED) - set(GPU_OPTIONAL)
        if unknown or record["Type"] != "GPU" or record["Count"] < 1 or record["ActiveDuration"] < 0:
            raise ValueError(f"record {record}")
        datetime.date(record["MeasurementYear"], record["MeasurementMonth"], 1)
    return data["UsageRecords"]
