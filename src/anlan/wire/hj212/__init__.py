"""HJ 212 污染物在线监控（监测）系统数据传输标准 (2005, 2017 and 2025): pollution sources report to the environment's centres."""
