
import anlan.kernel.ids
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('alarms', '0001_initial'),
        ('devices', '0001_initial'),
        ('enterprises', '0002_lists_by_place'),
        ('risksources', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='ApartMessage',
            fields=[
                ('id', models.UUIDField(default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('sequence', models.BigIntegerField()),
                ('subject', models.CharField(max_length=120)),
                ('reason', models.CharField(choices=[('malformed', '报文无法识别'), ('unknown_kind', '报警类别未知'), ('unknown_sender', '测点或设备未登记'), ('impossible', '内容不合理')], max_length=24, verbose_name='原因')),
                ('detail', models.CharField(blank=True, default='', max_length=200, verbose_name='说明')),
                ('data', models.BinaryField()),
                ('at', models.DateTimeField(verbose_name='收到时间')),
                ('taken_at', models.DateTimeField(blank=True, null=True, verbose_name='重新识别时间')),
            ],
            options={
                'ordering': ['-at', '-id'],
                'indexes': [
                    models.Index(condition=models.Q(('taken_at__isnull', True)), fields=['-at'], name='alarms_apart_waiting'),
                ],
            },
        ),
        migrations.CreateModel(
            name='EscalationRecord',
            fields=[
                ('id', models.UUIDField(default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('ring', models.PositiveSmallIntegerField(verbose_name='报警次数')),
                ('step', models.PositiveSmallIntegerField(verbose_name='升级步数')),
                ('side', models.CharField(max_length=12)),
                ('post_kind', models.CharField(max_length=32, verbose_name='岗位')),
                ('place_code', models.CharField(blank=True, default='', max_length=9, verbose_name='行政区划')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('told', models.JSONField(default=list, verbose_name='已通知')),
            ],
            options={
                'ordering': ['at', 'step', 'id'],
            },
        ),
        migrations.CreateModel(
            name='OwnSpan',
            fields=[
                ('id', models.UUIDField(default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=40)),
                ('minutes', models.PositiveIntegerField(verbose_name='时限（分钟）')),
                ('effective_from', models.DateTimeField(verbose_name='生效时间')),
                ('set_by_name', models.CharField(max_length=100, verbose_name='设定人')),
                ('reason', models.CharField(blank=True, default='', max_length=200, verbose_name='依据')),
            ],
            options={
                'ordering': ['name', '-effective_from', '-id'],
                'indexes': [
                    models.Index(fields=['name', '-effective_from'], name='alarms_own_span'),
                ],
            },
        ),
        migrations.RemoveIndex(
            model_name='alarm',
            name='alarms_alarm_open',
        ),
        migrations.RemoveIndex(
            model_name='alarm',
            name='alarms_alarm_sensor',
        ),
        migrations.AddField(
            model_name='alarm',
            name='acknowledgement_until',
            field=models.DateTimeField(blank=True, null=True, verbose_name='确认有效期至'),
        ),
        migrations.AddField(
            model_name='alarm',
            name='cause',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='alarms.alarm', verbose_name='起因报警'),
        ),
        migrations.AddField(
            model_name='alarm',
            name='cause_episode',
            field=models.CharField(blank=True, default='', editable=False, max_length=200),
        ),
        migrations.AddField(
            model_name='alarm',
            name='escalates_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='下次升级时间'),
        ),
        migrations.AddField(
            model_name='alarm',
            name='escalation_step',
            field=models.PositiveSmallIntegerField(default=0, verbose_name='升级步数'),
        ),
        migrations.AddField(
            model_name='alarm',
            name='exhibits',
            field=models.JSONField(blank=True, default=list, verbose_name='图像指纹'),
        ),
        migrations.AddField(
            model_name='alarm',
            name='facts',
            field=models.JSONField(blank=True, default=dict, verbose_name='相关数值'),
        ),
        migrations.AddField(
            model_name='alarm',
            name='finding',
            field=models.CharField(blank=True, default='', max_length=32, verbose_name='原因认定'),
        ),
        migrations.AddField(
            model_name='alarm',
            name='first_acknowledged_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='首次确认时间'),
        ),
        migrations.AddField(
            model_name='alarm',
            name='group_key',
            field=models.UUIDField(default='00000000-0000-0000-0000-000000000000', editable=False, verbose_name='起因分组'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='alarm',
            name='handled_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='首次处置时间'),
        ),
        migrations.AddField(
            model_name='alarm',
            name='part',
            field=models.CharField(blank=True, default='', max_length=200, verbose_name='部位'),
        ),
        migrations.AddField(
            model_name='alarm',
            name='quality',
            field=models.PositiveIntegerField(default=0, verbose_name='数据质量'),
        ),
        migrations.AddField(
            model_name='alarm',
            name='rang_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='最近一次报警时间'),
        ),
        migrations.AddField(
            model_name='alarm',
            name='review_note',
            field=models.TextField(blank=True, default='', verbose_name='复核说明'),
        ),
        migrations.AddField(
            model_name='alarm',
            name='reviewed_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='复核时间'),
        ),
        migrations.AddField(
            model_name='alarm',
            name='reviewed_by_id',
            field=models.UUIDField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='alarm',
            name='reviewed_by_name',
            field=models.CharField(blank=True, default='', max_length=100, verbose_name='复核人'),
        ),
        migrations.AddField(
            model_name='alarm',
            name='rings',
            field=models.PositiveSmallIntegerField(default=1, verbose_name='报警次数'),
        ),
        migrations.AddField(
            model_name='alarm',
            name='rule',
            field=models.CharField(blank=True, default='', max_length=120, verbose_name='规则或事件代码'),
        ),
        migrations.AddField(
            model_name='alarm',
            name='said',
            field=models.CharField(blank=True, default='', max_length=500, verbose_name='设备原文'),
        ),
        migrations.AddField(
            model_name='alarm',
            name='shelved_by_name',
            field=models.CharField(blank=True, default='', max_length=100, verbose_name='搁置人'),
        ),
        migrations.AddField(
            model_name='alarm',
            name='shelved_until',
            field=models.DateTimeField(blank=True, null=True, verbose_name='搁置至'),
        ),
        migrations.AddField(
            model_name='alarm',
            name='shelving_reason',
            field=models.CharField(blank=True, default='', max_length=200, verbose_name='搁置理由'),
        ),
        migrations.AddField(
            model_name='alarm',
            name='source_key',
            field=models.CharField(blank=True, default='', editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name='alarm',
            name='told',
            field=models.BooleanField(default=True, editable=False),
        ),
        migrations.AddField(
            model_name='alarm',
            name='withdrawn',
            field=models.BooleanField(default=False, verbose_name='规则撤销'),
        ),
        migrations.AlterField(
            model_name='alarm',
            name='episode',
            field=models.CharField(editable=False, max_length=200, unique=True),
        ),
        migrations.AlterField(
            model_name='alarm',
            name='kind',
            field=models.CharField(choices=[('HH', '高高限'), ('H', '高限'), ('L', '低限'), ('LL', '低低限'), ('RATE', '变化过快'), ('FROZEN', '读数不变'), ('BLOCKED', '疑似堵塞、遮挡'), ('RANGE', '超出量程'), ('DRIFT', '与参照测点偏离'), ('SILENT', '测点无数据'), ('LINK', '链路中断'), ('REPEATED', '读数循环重复'), ('CONFIGURED', '阈值设置不符合规定'), ('COMBINED', '组合条件'), ('COLOURS', '综合预警等级'), ('HAPPENED', '设备事件')], max_length=16, verbose_name='报警类别'),
        ),
        migrations.AlterField(
            model_name='alarm',
            name='sensor',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='devices.sensor', verbose_name='测点'),
        ),
        migrations.AlterField(
            model_name='alarm',
            name='unit',
            field=models.CharField(blank=True, default='', max_length=24, verbose_name='计量单位'),
        ),
        migrations.AddIndex(
            model_name='alarm',
            index=models.Index(condition=models.Q(('state__in', ['acknowledged', 'raised', 'returned'])), fields=['group_key', 'level', '-raised_at'], name='alarms_alarm_open'),
        ),
        migrations.AddIndex(
            model_name='alarm',
            index=models.Index(fields=['group_key'], name='alarms_alarm_group'),
        ),
        migrations.AddIndex(
            model_name='alarm',
            index=models.Index(condition=models.Q(('state', 'reviewing')), fields=['-cleared_at'], name='alarms_alarm_review'),
        ),
        migrations.AddIndex(
            model_name='alarm',
            index=models.Index(fields=['sensor', 'kind', '-raised_at'], name='alarms_alarm_sensor'),
        ),
        migrations.AddIndex(
            model_name='alarm',
            index=models.Index(condition=models.Q(('cause__isnull', True), models.Q(('cause_episode', ''), _negated=True)), fields=['cause_episode'], name='alarms_alarm_orphan'),
        ),
        migrations.AddIndex(
            model_name='alarm',
            index=models.Index(condition=models.Q(('source_key', ''), _negated=True), fields=['source_key'], name='alarms_alarm_source'),
        ),
        migrations.AddIndex(
            model_name='alarm',
            index=models.Index(condition=models.Q(('state', 'acknowledged')), fields=['acknowledgement_until'], name='alarms_alarm_expires'),
        ),
        migrations.AddIndex(
            model_name='alarm',
            index=models.Index(condition=models.Q(('escalates_at__isnull', False)), fields=['escalates_at'], name='alarms_alarm_escalates'),
        ),
        migrations.AddIndex(
            model_name='alarm',
            index=models.Index(condition=models.Q(('shelved_until__isnull', False)), fields=['shelved_until'], name='alarms_alarm_shelved'),
        ),
        migrations.AddField(
            model_name='escalationrecord',
            name='alarm',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='escalations', to='alarms.alarm'),
        ),
        migrations.AddConstraint(
            model_name='escalationrecord',
            constraint=models.UniqueConstraint(fields=('alarm', 'ring', 'step'), name='alarms_escalation_once'),
        ),
    ]
